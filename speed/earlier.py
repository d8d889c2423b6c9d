"""`kedro run --pipelines=dann` on the real data, raw files to figures, against an earlier commit of this project.

Each runs in a fresh clone, with the same libraries. The time is the processor's, user and system, of the whole command.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from .data import Raw
from .measure import ROOT, Result, processor_seconds

BEFORE = "73c70c2"
"""The last commit without bfloat16 and without the network `compact`."""

EPOCHS = 1
"""Of each of the three trainings; the default, 8, takes an hour on one core."""


def run(raw: Raw, rounds: int) -> Iterator[Result]:
    """Run both, in turn, as often as there are rounds, at most 3."""
    if raw.is_quick:
        return
    found = [(measure("HEAD"), measure(BEFORE)) for _ in range(min(rounds, 3))]
    yield Result(
        f"`kedro run --pipelines=dann`, {EPOCHS} epoch, processor time",
        f"the same of commit {BEFORE}, before bfloat16",
        [now[0] / before[0] for now, before in found],
        "×",
        0.6,
        "at_most",
        {"processor and wall seconds, now and before": found},
    )


def measure(commit: str) -> tuple[float, float]:
    """Run a commit of this project; give its processor's and its wall seconds."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
        subprocess.run(["git", "checkout", "--quiet", commit], cwd=folder, check=True)
        started = time.perf_counter()
        processor = processor_seconds(lambda: kedro_run(Path(folder)))
        wall = time.perf_counter() - started
    print(f"    {commit}: {processor:.0f} s of processor time, {wall:.0f} s", flush=True)
    return processor, wall


def kedro_run(project: Path) -> None:
    """Run DANN's pipeline in a clone; the code is the clone's, the libraries are ours."""
    surroundings = {"MNISTM_RAW_DIR": str(ROOT / "data/01_raw")} | os.environ
    done = subprocess.run(
        [sys.executable, "-m", "kedro", "run", "--pipelines=dann", f"--params=training.epochs={EPOCHS}"],
        cwd=project,
        env=surroundings | {"PYTHONPATH": str(project / "src"), "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the run failed:\n{(done.stdout + done.stderr)[-2000:]}")
