"""How everything here is measured: A and B in turn in one run, medians and spread of their ratio."""

import gc
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Result:
    """A row of the table.

    Attributes:
        name: of the measurement.
        against: what it was compared with.
        values: one a round: a ratio, a share or an exponent, as ``unit`` says.
        unit: ``×``, ``%``, ``s`` (a difference), ``ms`` or empty (an exponent).
        aim: the bound to keep, and ``at_least`` or ``at_most``.
        facts: what else a reader wants to know, by name.
    """

    name: str
    against: str
    values: list[float]
    unit: str
    aim: float | None = None
    side: str = "at_least"
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def is_reached(self) -> bool | None:
        if self.aim is None:
            return None
        return self.median >= self.aim if self.side == "at_least" else self.median <= self.aim

    def record(self) -> dict[str, Any]:
        """Give the row as JSON, with what it was measured on."""
        return asdict(self) | {"median": self.median, "is_reached": self.is_reached} | circumstances()


@cache
def circumstances() -> dict[str, Any]:
    """Say on what machine, with which commit and when; as it was at first, for the results themselves are tracked."""
    import torch

    from mnistm_da.cores import usable

    described = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--exclude=*"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return {
        "processor": _processor(),
        "cores": usable(),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "commit": described.stdout.strip() or None,
        "date": datetime.now(UTC).date().isoformat(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def seconds(work: Callable[[], Any]) -> float:
    """Time one call; what it returns is dropped within the time, as a loop over calls would."""
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def processor_seconds(work: Callable[[], Any]) -> float:
    """Time one call by the processor's seconds, user and system, of this process and of children that ended in it.

    Where other programs run, these say more than the seconds of a clock. Where all cores are used and nothing else
    runs, the ratio of two such times is that of the clock's.
    """
    gc.collect()
    started = processor_time()
    work()
    return processor_time() - started


def processor_time() -> float:
    """Give the processor's seconds of this process so far, and of its children that have ended."""
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


def alternate(
    ours: Callable[[], Any],
    theirs: Callable[[], Any],
    rounds: int,
    clock: Callable[[Callable[[], Any]], float] = seconds,
) -> list[tuple[float, float]]:
    """Time two pieces of work in turn by ``clock``; who begins changes every round.

    Before that each is done once, untimed, unless there is one round alone, as in the smoke test.

    Returns:
        The seconds of both, round by round.
    """
    if rounds > 1:
        ours(), theirs()
    found = []
    for number in range(rounds):
        if number % 2:
            other = clock(theirs)
            found.append((clock(ours), other))
        else:
            mine = clock(ours)
            found.append((mine, clock(theirs)))
    return found
