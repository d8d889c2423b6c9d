"""Where units of work are run, by name for ``launcher``.

A launcher is a function. It takes the units that have no result yet, the work that is done on each, and the parameters
of `LauncherParams`. It yields each unit with its outcome as soon as it is finished, in any order. Units and work can be
sent to other processes. Adding one: a function here, or in a file that it imports when it is called, and a line in
`LAUNCHERS`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Record = dict[str, Any]


@dataclass(frozen=True)
class Unit:
    """One algorithm, trained and scored with one seed.

    Attributes:
        name: of its result.
        algorithm: name in the registry.
        seed: of everything random.
        proposed: those of the algorithm's own parameters that are others than in the run's parameters, by name.
    """

    name: str
    algorithm: str
    seed: int
    proposed: tuple[tuple[str, float], ...] = ()

    def __str__(self) -> str:
        return f"{self.algorithm}, seed {self.seed}"


@dataclass(frozen=True)
class Failure:
    """Why a unit has no result.

    Attributes:
        text: a traceback, or what happened to the process; its last line is the reason.
        of_unit: whether the work itself says so, and would say so again. It does not know of what else ends a unit: a
            full disk, or too little memory.
    """

    text: str
    of_unit: bool = False

    @property
    def reason(self) -> str:
        return self.text.strip().rpartition("\n")[2]


Tell = Callable[[int, int, float], None]
"""Is called after every epoch: with the number of epochs that are done, of all epochs, and the seconds of the last.

All are 0 as long as another algorithm is trained that the unit's own starts from. What it raises ends the work.
"""


def to_nobody(done: int, epochs: int, seconds: float) -> None:
    """Tell nothing."""


class Work(Protocol):
    """The work that is done on a unit. It can be pickled, since it holds no more than names and parameters."""

    def __call__(self, unit: Unit, tell: Tell = to_nobody) -> Record | Failure:
        """Give the record of a unit, or say why it has none; what it raises is a failure too, and may end the run."""

    def misfits(self) -> list[str]:
        """Say why this process must not do it, a line each: its code, libraries or data are others."""


Outcome = Record | Failure
Launcher = Callable[[Sequence[Unit], Work, Any], Iterator[tuple[Unit, Outcome]]]


def here(units: Sequence[Unit], work: Work, params: Any) -> Iterator[tuple[Unit, Outcome]]:
    """Run the units in this process, one after the other; a unit that raises ends all."""
    for unit in units:
        yield unit, work(unit)


def dask(units: Sequence[Unit], work: Work, params: Any) -> Iterator[tuple[Unit, Outcome]]:
    """Run the units in processes of Dask, on this machine or on a cluster; see `on_dask.py`."""
    from .on_dask import launch

    return launch(units, work, params)


LAUNCHERS: dict[str, Launcher] = {"here": here, "dask": dask}

NEEDS = {"dask": "cluster"}
"""The extra that a launcher needs; see `extras.py`."""
