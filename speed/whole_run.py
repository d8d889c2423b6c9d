"""What Kedro and lineage cost: their share of `make run`, which is `kedro run --pipelines=dann --env=sample`.

A run in a fresh clone and a separate process, which says how long each node's function took.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .measure import ROOT, Result

if TYPE_CHECKING:  # or the child would import the package from here and not from the clone
    from .data import Raw


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


def run(raw: "Raw", rounds: int) -> Iterator[Result]:
    """Run the sample ``rounds`` times, in the smoke test without any training."""
    found = [measure("sample", "data" if raw.is_quick else "dann") for _ in range(rounds)]
    yield Result(
        "Kedro, lineage, imports",
        "the whole of `make run`",
        [100 * (1 - sum(one["nodes"].values()) / one["whole"]) for one in found],
        "%",
        10,
        "at_most",
        {"seconds": [one["whole"] for one in found]},
    )
    yield Result(
        "lineage: fingerprints, records, content hashes",
        "the whole of `make run`",
        [100 * sum(one["lineage"].values()) / one["whole"] for one in found],
        "%",
        3,
        "at_most",
        {"seconds": found[-1]["lineage"]},
    )
    yield Result(
        "  of which content hashes on load",
        "the whole of `make run`",
        [100 * one["lineage"]["verify"] / one["whole"] for one in found],
        "%",
        2,
        "at_most",
    )


def measure(env: str, pipeline: str) -> dict[str, Any]:
    """Run in a fresh clone; give the seconds of ``nodes``, of ``lineage`` and of the ``whole`` process."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
        command = [sys.executable, "-m", "speed.whole_run", folder, env, pipeline]
        started = time.perf_counter()
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={"MNISTM_RAW_DIR": str(ROOT / "data/01_raw")} | os.environ | {"MPLBACKEND": "agg"},
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout.splitlines()[-1]) | {"whole": time.perf_counter() - started}


def _bits(iterator: Iterator[Any], note: Callable[[float], None]) -> Iterator[Any]:
    """Note the seconds of each output of a node that yields several, as training does after every epoch."""
    while True:
        started = time.perf_counter()
        try:
            bit = next(iterator)
        except StopIteration:
            return
        finally:
            note(time.perf_counter() - started)
        yield bit


def child(project: str, env: str, pipeline: str) -> None:
    """Run the pipeline and print the seconds of every node's function, and those inside lineage."""
    from kedro.framework.session import KedroSession
    from kedro.framework.startup import bootstrap_project
    from kedro.pipeline.node import Node

    os.chdir(project)
    bootstrap_project(Path(project))
    # Nodes import these when they run; the time of an import is not theirs.
    import matplotlib.pyplot  # noqa: F401
    import sklearn.manifold
    import sklearn.metrics  # noqa: F401

    import mnistm_da.adaptation.algorithms.dann
    import mnistm_da.adaptation.measures.validators
    import mnistm_da.adaptation.optimization.loop  # noqa: F401
    from mnistm_da.lineage import records, trace

    watch = Stopwatch()
    # The work of lineage's hook before a run and a node, and of a dataset on load and on save.
    for name in ("fingerprint", "parameters", "inputs", "libraries", "commit", "_check_clock", "ancestry"):
        watch.around(trace, name)
    watch.around(records, "verify")
    watch.around(records, "describe")

    seconds: dict[str, float] = defaultdict(float)
    real: Callable[..., dict[str, Any]] = Node.run

    def run(node: Node, inputs: dict[str, Any] | None = None) -> dict[str, Any]:
        def note(spent: float) -> None:
            seconds[node.name] += spent

        started = time.perf_counter()
        outputs = real(node, inputs)
        note(time.perf_counter() - started)
        return {name: _bits(one, note) if isinstance(one, Iterator) else one for name, one in outputs.items()}

    Node.run = run  # type: ignore[assignment,method-assign]
    with KedroSession.create(project_path=project, env=env) as session:
        session.run(pipeline_names=[pipeline])  # type: ignore[call-arg]
    print(json.dumps({"nodes": seconds, "lineage": watch.seconds}))


if __name__ == "__main__":
    child(*sys.argv[1:])
