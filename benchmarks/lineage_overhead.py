"""What lineage costs: the share of a sample run that goes into fingerprints, records and content hashes.

    python benchmarks/lineage_overhead.py [--rounds 5] [--pipeline dann] [--params training.epochs=20]

Each round runs the pipeline in a fresh clone and in this process, and adds up the seconds inside `lineage`; the share
is of the same run, so that other work on the machine moves both.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kedro.framework.cli.utils import _split_params
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

from mnistm_da.datasets.crash_safe import CrashSafe
from mnistm_da.lineage import records, trace

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests"))

TIMED = (
    *((trace, name) for name in ("fingerprint", "parameters", "inputs", "_libraries", "_commit", "_check_clock")),
    (records, "verify"),
    (CrashSafe, "_record"),
)
"""What the hook does before a node and a run, and what a dataset does on load and on save."""


class Stopwatch:
    """Adds up the seconds of functions; what one calls of another counts once."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.is_running = False

    def around(self, owner: Any, name: str) -> None:
        function: Callable[..., Any] = getattr(owner, name)

        def timed(*args: Any, **options: Any) -> Any:
            if self.is_running:
                return function(*args, **options)
            self.is_running, started = True, time.perf_counter()
            try:
                return function(*args, **options)
            finally:
                self.is_running = False
                self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started

        setattr(owner, name, timed)


def measure(watch: Stopwatch, pipeline: str, params: dict[str, Any]) -> tuple[float, float]:
    """Run a pipeline on the sample in a fresh clone; give the seconds inside lineage, and those of the whole run."""
    from conftest import clone

    watch.seconds.clear()
    with tempfile.TemporaryDirectory() as folder:
        project = clone(Path(folder))
        os.chdir(project)
        bootstrap_project(project)
        started = time.perf_counter()
        with KedroSession.create(project_path=project, env="sample", runtime_params=params) as session:
            session.run(pipeline_names=[pipeline])
        whole = time.perf_counter() - started
        os.chdir(ROOT)
    return sum(watch.seconds.values()), whole


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--pipeline", default="dann")
    arguments.add_argument("--params", default="")
    chosen = arguments.parse_args()
    watch = Stopwatch()
    for owner, name in TIMED:
        watch.around(owner, name)
    params = _split_params(None, None, chosen.params)  # type: ignore[arg-type]
    shares = []
    for number in range(chosen.rounds):
        inside, whole = measure(watch, chosen.pipeline, params)
        shares.append(inside / whole)
        parts = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in watch.seconds.items())
        print(f"round {number + 1}: {shares[-1]:.2%} of {whole:.0f} s ({parts})", flush=True)
    print(f"median {statistics.median(shares):.2%}, from {min(shares):.2%} to {max(shares):.2%}")


if __name__ == "__main__":
    main()
