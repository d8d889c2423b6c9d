"""After every epoch of a trial: the training is saved, told and, where a pruner asks, scored."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from mnistm_da.launchers import Tell
from mnistm_da.parameters import PROXY, TuneParams

from ..benchmark.stopped import Stoppable
from ..benchmark.unit import Arrays
from .study import is_to_be_pruned

if TYPE_CHECKING:
    from .trial import Trial, TrialStorage


class Pruned(BaseException):
    """The training is to end here: no `Exception`, which a dataset would wrap in another one."""


class TrainingUnderWay:
    """Saves a trial's training after every epoch, tells of it and, where a pruner asks, scores it.

    Args:
        unit: the trial.
        tune: how the search scores and prunes.
        parameters: of the run, with those that are proposed.
        earlier: the scores by epoch of the trials that were trained to the end.
        storage: of the states.
        tell: is told of every epoch.
        origin: see `origin_of`.
    """

    def __init__(
        self,
        unit: "Trial",
        tune: TuneParams,
        parameters: dict[str, Any],
        earlier: list[dict[str, float]],
        storage: "TrialStorage",
        tell: Tell,
        origin: np.ndarray,
    ) -> None:
        self._tune, self._parameters, self._earlier = tune, parameters, earlier
        self._training = Stoppable(unit, storage.states, origin, tell)
        self._splits: dict[str, Arrays] = {}
        self.curve: dict[str, float] = {}
        self.seconds = 0.0

    def give(self, name: str) -> Callable[[Arrays], None]:
        """Give the function that takes a split, for the scores of epochs."""
        return lambda split: self._splits.__setitem__(name, split)

    def earlier_state(self, algorithm: str) -> Arrays | None:
        """Give the state that an earlier run left, if its code and data were these; see `Stoppable`.

        Raises:
            Pruned: it is to end here. The earlier run was stopped before that was found.
        """
        state = self._training.earlier(algorithm)
        if state and algorithm == self._training.unit.algorithm:
            self._judge(state)
        return state

    def keep(self, algorithm: str, state: Arrays) -> None:
        """Save the state after an epoch, tell of it, and end the training if it is to be pruned.

        Raises:
            Pruned: it is.
        """
        self._training.keep(algorithm, state)
        if algorithm == self._training.unit.algorithm:
            self._judge(state)

    def _judge(self, state: Arrays) -> None:
        from mnistm_da.adaptation.models.description import description
        from mnistm_da.adaptation.optimization.state import history

        made_with, rows = description(state), history(state)
        self.seconds = float(sum(row["seconds"] for row in rows))
        if self._tune.pruner == "none":
            return
        self._score(state)
        curve = {int(epoch): score for epoch, score in self.curve.items()}
        is_last = len(rows) == made_with.training.epochs
        if curve and not is_last and is_to_be_pruned(self._earlier, curve, made_with.training.epochs):
            raise Pruned

    def _score(self, state: Arrays) -> None:
        """Score the kept epochs that have no score yet."""
        import torch

        from mnistm_da.adaptation.models import inference
        from mnistm_da.adaptation.models.checkpoints import checkpoint_epochs, pick
        from mnistm_da.adaptation.models.description import description
        from mnistm_da.adaptation.models.loading import load
        from mnistm_da.adaptation.optimization.device import use_device
        from mnistm_da.adaptation.optimization.state import kept
        from mnistm_da.parameters import SelectionParams

        from ..selection.nodes import validate

        checkpoints, device = kept(state), self._parameters["device"]
        about = description(state).as_arrays()
        for epoch in checkpoint_epochs(checkpoints):
            if str(epoch) in self.curve:
                continue
            one = {name: array for name, array in checkpoints.items() if name.startswith(f"{epoch}/")} | about
            with torch.random.fork_rng():  # the training goes on with the random numbers that it would have without
                if self._tune.score == PROXY:
                    model = load(pick(one, epoch))
                    score = inference.accuracy(model, self._splits["target_test"], use_device(device))
                else:
                    selection = SelectionParams(**self._parameters["selection"])
                    target, source = self._splits["target_validation"], self._splits.get("source_validation")
                    table = validate(one, target, selection, device, source, only=[self._tune.score])
                    score = float(table[self._tune.score].iloc[0])
            if np.isfinite(score):
                self.curve[str(epoch)] = score
