"""One line per unit that is being run, with its epoch and the time that is left."""

import logging
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, Self

from rich import get_console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from . import Failure, Outcome, Unit

logger = logging.getLogger(__name__)


class Lines:
    """Shows on a terminal a line per unit that is being run; elsewhere, its begin and every epoch are lines of the log.

    Args:
        units: all that are to be run.

    Attributes:
        begun: how often each unit began, by its name; not at workers that were refused.
    """

    def __init__(self, units: Sequence[Unit]) -> None:
        self._units = {unit.name: unit for unit in units}
        self._finished, self._started = 0, time.monotonic()
        self.begun: Counter[str] = Counter()
        console = get_console()
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("epoch"), MofNCompleteColumn())
        self._shown = Progress(*columns, TextColumn("{task.fields[left]}"), console=console, transient=True)
        self._is_shown = console.is_terminal
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        if self._is_shown:
            self._shown.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._shown.stop()

    def hear(self, event: tuple[float, dict[str, Any]]) -> None:
        """Take what a worker tells: that a unit began, that an epoch is done, or why the worker is refused."""
        told = event[1]
        if "refused" in told:
            logger.warning("refused the worker %s: %s", told["refused"], "; ".join(told["because"]))
            self.begun[told["unit"]] -= 1
            return
        name = told["unit"]
        if name not in self._units:
            return
        if not self.begun:
            self._started = time.monotonic()
        self.begun[name] += "done" not in told
        done, epochs, seconds = told.get("done", 0), told.get("epochs") or None, told.get("seconds", 0.0)
        left = f"{clock((epochs - done) * seconds)} left" if epochs else ""
        if self._is_shown:
            self._show(name, done, epochs, left)
        elif epochs:
            logger.info("%s: epoch %d/%d · %s", self._units[name], done, epochs, left)
        elif "done" not in told:
            logger.info("%s: began", self._units[name])

    def _show(self, name: str, done: int, epochs: int | None, left: str) -> None:
        if name not in self._tasks:
            self._tasks[name] = self._shown.add_task(str(self._units[name]), total=epochs, left="")
        self._shown.update(self._tasks[name], completed=done, total=epochs, left=left)

    def end(self, unit: Unit, outcome: Outcome) -> None:
        """Say that a unit has ended, and how long the others will take if they go on like this."""
        self._finished += 1
        if unit.name in self._tasks:
            self._shown.remove_task(self._tasks.pop(unit.name))
        others = len(self._units) - self._finished
        left = (time.monotonic() - self._started) / self._finished * others
        level, became = (logging.ERROR, "failed") if isinstance(outcome, Failure) else (logging.INFO, "finished")
        why = f": {outcome.reason}" if isinstance(outcome, Failure) else ""
        more = f" · about {clock(left)} left" if others else ""
        logger.log(level, "%s: %s (%d of %d%s)%s", unit, became, self._finished, len(self._units), more, why)


def clock(seconds: float) -> str:
    """Write a time as 1:05, or 2:01:05."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
