"""Trainings that may be stopped after any epoch, and go on there: with the same code and the same data alone."""

import json
import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnistm_da.adaptation.registry import trained_in_order
from mnistm_da.datasets.folders import States
from mnistm_da.launchers import Tell, Unit

from .unit import Arrays

logger = logging.getLogger(__name__)


def origin_of(code: dict[str, str], checksums: dict[str, Any]) -> np.ndarray:
    """Give code and data as the bytes of a text. A result's name does not tell them."""
    return np.frombuffer(json.dumps([code, checksums], sort_keys=True).encode(), dtype=np.uint8)


def state_name(unit: Unit, algorithm: str) -> str:
    """Name the state of a unit's training, or of an algorithm's that is trained before."""
    return unit.name if algorithm == unit.algorithm else f"{unit.name}.{algorithm}"


def remove_states(unit: Unit, states: States) -> None:
    """Take away all states of a unit: its work is done."""
    for algorithm in trained_in_order(unit.algorithm):
        states.remove(state_name(unit, algorithm))


def remove_left_over(states: States, finished: Collection[str]) -> None:
    """Take away the states of ``finished`` units: their process was killed after it had saved the result."""
    for name in states.names():
        if name in finished or name.rpartition(".")[0] in finished:
            states.remove(name)


@dataclass(frozen=True)
class Stoppable:
    """The training of a unit, and those of the algorithms that are trained before.

    Attributes:
        unit: that is trained.
        states: where their states are saved after every epoch, by the names of `state_name`.
        origin: of `origin_of`.
        tell: is told of every epoch.
    """

    unit: Unit
    states: States
    origin: np.ndarray
    tell: Tell

    def earlier(self, algorithm: str) -> Arrays | None:
        """Give the state that an earlier run left of one of them, if its code and data were these."""
        state = self.states.load(state_name(self.unit, algorithm))
        if state and not np.array_equal(state.get("origin", np.empty(0)), self.origin):
            told = "the training of %s for %s was stopped, but its code or data were others: it begins anew"
            logger.warning(told, algorithm, self.unit.name)
            return None
        return state

    def keep(self, algorithm: str, state: Arrays) -> None:
        """Save the state after an epoch of one of them, and tell of it: of the unit's own epochs alone, how many."""
        from mnistm_da.adaptation.models.description import description
        from mnistm_da.adaptation.optimization.state import history

        self.states.save(state_name(self.unit, algorithm), state | {"origin": self.origin})
        if algorithm != self.unit.algorithm:
            self.tell(0, 0, 0.0)
            return
        rows = history(state)
        self.tell(len(rows), description(state).training.epochs, rows[-1]["seconds"])
