"""Where the units of a benchmark are run, by name for ``benchmark.launcher``.

A launcher is a function. It takes the units that have no result yet, and the function that runs one of them. It yields
each unit with its scores as soon as it is finished, in any order. Units and function can be sent to other processes.
Adding one: a function here, or in a file that it imports when it is called, and a line in `LAUNCHERS`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Scores = dict[str, Any]


@dataclass(frozen=True)
class Unit:
    """One algorithm, trained and scored with one seed.

    Attributes:
        name: of its result.
        algorithm: name in the registry.
        seed: of everything random.
    """

    name: str
    algorithm: str
    seed: int


Launcher = Callable[[Sequence[Unit], Callable[[Unit], Scores]], Iterator[tuple[Unit, Scores]]]


def here(units: Sequence[Unit], run: Callable[[Unit], Scores]) -> Iterator[tuple[Unit, Scores]]:
    """Run the units in this process, one after the other."""
    for unit in units:
        yield unit, run(unit)


LAUNCHERS: dict[str, Launcher] = {"here": here}
