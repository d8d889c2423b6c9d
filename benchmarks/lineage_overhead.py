"""What lineage costs: the share of a sample run that goes into records, fingerprints and content hashes.

    python benchmarks/lineage_overhead.py [--rounds 5] [--pipeline dann] [--env sample] [--params …]

Each round runs the pipeline in this process and adds up the seconds inside `lineage` and the writing of records; the
share is of the same run, so that other work on the machine moves both.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kedro.framework.cli.utils import _split_params
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

from mnistm_da.datasets.crash_safe import CrashSafe
from mnistm_da.lineage import records
from mnistm_da.lineage.trace import TraceRun

TIMED = (
    (TraceRun, "before_node_run"),
    (TraceRun, "before_pipeline_run"),
    (CrashSafe, "_record"),
    (records, "verify"),
)


class Stopwatch:
    """Adds up the seconds of the functions it was put around; what one calls of another counts once."""

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

        timed.__signature__ = __import__("inspect").signature(function)  # type: ignore[attr-defined]
        for attribute, value in vars(function).items():  # Kedro's mark of a hook
            setattr(timed, attribute, value)
        setattr(owner, name, timed)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--pipeline", default="dann")
    arguments.add_argument("--env", default="sample")
    arguments.add_argument("--params", default="")
    chosen = arguments.parse_args()
    watch = Stopwatch()
    for owner, name in TIMED:
        watch.around(owner, name)
    bootstrap_project(Path(__file__).resolve().parents[1])
    shares = []
    for number in range(chosen.rounds):
        watch.seconds.clear()
        with tempfile.TemporaryDirectory() as folder:
            params = _split_params(None, None, chosen.params)
            with KedroSession.create(env=chosen.env, runtime_params=params | {"data_root": folder}) as session:
                started = time.perf_counter()
                session.run(pipeline_names=[chosen.pipeline])
                whole = time.perf_counter() - started
        shares.append(sum(watch.seconds.values()) / whole)
        parts = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in watch.seconds.items())
        print(f"round {number + 1}: {shares[-1]:.2%} of {whole:.0f} s ({parts})", flush=True)
    print(f"median {statistics.median(shares):.2%}, from {min(shares):.2%} to {max(shares):.2%}")


if __name__ == "__main__":
    main()
