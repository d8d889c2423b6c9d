"""A training that may be stopped after any epoch, and goes on there: with the same code and the same data alone."""

import json
import logging
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnistm_da.datasets.folders import States
from mnistm_da.launchers import Tell, Unit

from .unit import Arrays

logger = logging.getLogger(__name__)


def origin_of(code: dict[str, str], checksums: dict[str, Any]) -> np.ndarray:
    """Give code and data as the bytes of a text. A result's name does not tell them."""
    return np.frombuffer(json.dumps([code, checksums], sort_keys=True).encode(), dtype=np.uint8)


@dataclass(frozen=True)
class Stoppable:
    """The training of a unit.

    Attributes:
        unit: that is trained.
        states: where its state is saved after every epoch.
        origin: of `origin_of`.
        tell: is told of every epoch.
    """

    unit: Unit
    states: States
    origin: np.ndarray
    tell: Tell

    def earlier(self) -> Arrays | None:
        """Give the state that an earlier run left, if its code and data were these."""
        state = self.states.load(self.unit.name)
        if state and not np.array_equal(state["origin"], self.origin):
            told = "%s was stopped, but its code or data were others: its training begins anew"
            logger.warning(told, self.unit.name)
            return None
        return state

    def keep(self, state: Arrays) -> None:
        """Save the state after an epoch, and tell of it."""
        from mnistm_da.adaptation.models.description import description
        from mnistm_da.adaptation.optimization.state import history

        self.states.save(self.unit.name, state | {"origin": self.origin})
        rows = history(state)
        self.tell(len(rows), description(state).training.epochs, rows[-1]["seconds"])
