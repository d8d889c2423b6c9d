"""The search itself, by Optuna: which parameters the next trial has, given those that ended."""

import math
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mnistm_da.parameters import TuneParams
from mnistm_da.searched import Searched
from mnistm_da.seeds import stream

GUARD = "guard"
"""Name of the constraint: a trial whose value is above zero is not picked."""

RANDOM_TRIALS = 5
"""Drawn at random before the sampler learns from the others; Optuna's 10 would be half of a short study."""

BEFORE_PRUNING = 5
"""Trials that are trained to the end before one is compared with them."""

Records = Mapping[int, dict[str, Any]]


class Study:
    """A study of Optuna in a journal, which is brought up to the records: these say what has been done.

    The next trial follows from those that ended, their order and the seed: not from when a study was stopped.

    Args:
        folder: of the journals.
        name: of the study.
        space: the range of each parameter.
        whole: the names of parameters that are whole numbers.
        start: the parameters to begin with, which are the first trial.
        tune: sampler, and number of trials.
        seed: of the sampler.
        records: of trials that ended before, by number.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        space: dict[str, Searched],
        whole: Iterable[str],
        start: dict[str, float],
        tune: TuneParams,
        seed: int,
        records: Records,
    ) -> None:
        import optuna
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend

        self._tune, self._seed, self._name = tune, seed, name
        self._distributions = distributions(space, whole)
        storage = JournalStorage(JournalFileBackend(str(folder / f"{name}.log")))
        with _quiet():
            open_it = partial(
                optuna.create_study, storage=storage, study_name=name, direction="maximize", load_if_exists=True
            )
            self._study = open_it()
            if any(self._is_amiss(one, records) for one in self._study.get_trials(deepcopy=False)):
                optuna.delete_study(study_name=name, storage=storage)
                self._study = open_it()
            if not self._study.get_trials(deepcopy=False) and 0 not in records:
                self._study.enqueue_trial(start)

    def _is_amiss(self, trial: Any, records: Records) -> bool:
        """Whether a record was taken away, so that the trial is run again; or a kill left the trial half asked for."""
        from optuna.trial import TrialState

        is_half = trial.state is TrialState.RUNNING and trial.params.keys() != self._distributions.keys()
        return is_half or (trial.state.is_finished() and trial.number not in records)

    def ask(self, at_once: int, records: Records) -> dict[int, dict[str, float]]:
        """Give number and parameters of the next trials; nothing when all have ended.

        Those that were under way when the study was stopped come first. Of those that have records and are not in the
        journal, it takes the records. A group begins at a multiple of ``at_once``, wherever the study was stopped.
        """
        from optuna.trial import TrialState

        with _quiet():
            trials = self._study.get_trials(deepcopy=False)
            under_way = [one for one in trials if one.state is TrialState.RUNNING]
            # A user may have made the trials of the search fewer.
            found = {one.number: one.params for one in under_way if one.number < self._tune.trials}
            begun = sum(one.state is not TrialState.WAITING for one in trials)
            for number in range(begun, self._tune.trials):
                if len(found) >= at_once or (found and number % at_once == 0):
                    break
                if number in records:
                    lacks = guard_lacks(records[number], records, self._tune)
                    self._study.add_trial(as_trial(records[number], self._distributions, lacks))
                    continue
                self._study.sampler = sampler(self._tune.sampler, stream(self._seed, f"{self._name}/{number}"))
                found[number] = self._study.ask(self._distributions).params
        return dict(sorted(found.items()))

    def tell(self, number: int, records: Records) -> None:
        """Let Optuna know how a trial ended."""
        import optuna

        record, lacks = records[number], guard_lacks(records[number], records, self._tune)
        with _quiet():
            frozen = self._study.get_trials(deepcopy=False)[number]  # a copy of all for each would be quadratic
            trial = optuna.trial.Trial(self._study, frozen._trial_id)
            for epoch, score in record["curve"].items():
                if int(epoch) not in frozen.intermediate_values:  # else told before a stop
                    trial.report(score, int(epoch))
            if lacks is not None and GUARD not in (frozen.constraints or {}):
                trial.set_constraint(GUARD, lacks)
            state = _state(record)
            is_complete = state is optuna.trial.TrialState.COMPLETE
            self._study.tell(number, record["score"] if is_complete else None, None if is_complete else state)


def distributions(space: dict[str, Searched], whole: Iterable[str]) -> dict[str, Any]:
    """Give Optuna's distribution of each parameter."""
    from optuna.distributions import FloatDistribution, IntDistribution

    whole = set(whole)
    return {
        name: IntDistribution(round(of.low), round(of.high), log=of.log)
        if name in whole
        else FloatDistribution(of.low, of.high, log=of.log)
        for name, of in space.items()
    }


def sampler(name: str, seed: Sequence[int]) -> Any:
    """Make a sampler of Optuna."""
    from optuna.samplers import GPSampler, RandomSampler, TPESampler

    number = int(np.random.default_rng(seed).integers(2**32))
    if name == "random":
        return RandomSampler(seed=number)
    if name == "gp":
        return GPSampler(seed=number, n_startup_trials=RANDOM_TRIALS)
    # Those under way are taken for bad ones, so that trials at the same time differ.
    return TPESampler(seed=number, n_startup_trials=RANDOM_TRIALS, constant_liar=True)


def guard_lacks(record: dict[str, Any], records: Records, tune: TuneParams) -> float | None:
    """Give how much the guard's score lacks, at most zero where it is good enough; None where it was not looked at."""
    if record["guard"] is None or 0 not in records:
        return None
    return float(records[0]["guard"] - tune.guard_slack - record["guard"])


def as_trial(record: dict[str, Any], of: dict[str, Any], lacks: float | None = None) -> Any:
    """Give a record as one of Optuna's trials."""
    from optuna.trial import create_trial

    state = _state(record)
    return create_trial(
        state=state,
        value=record["score"] if state.name == "COMPLETE" else None,
        params=record["proposed"],
        distributions=of,
        intermediate_values={int(epoch): score for epoch, score in record["curve"].items()},
        constraints=None if lacks is None else {GUARD: lacks},
    )


def _state(record: dict[str, Any]) -> Any:
    from optuna.trial import TrialState

    return {"complete": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "failed": TrialState.FAIL}[record["state"]]


def is_to_be_pruned(earlier: Sequence[dict[str, float]], curve: dict[int, float], epochs: int) -> bool:
    """Ask Optuna's median pruner whether a training is to end here.

    Args:
        earlier: the scores by epoch of the trials that were trained to the end.
        curve: those of this one.
        epochs: of a whole training: none is pruned in the first third.
    """
    import optuna
    from optuna.trial import TrialState, create_trial

    with _quiet():
        # Epochs from 1; after this one at the earliest. The number of trials is looked at by the pruner.
        pruner = optuna.pruners.MedianPruner(BEFORE_PRUNING, n_warmup_steps=math.ceil(epochs / 3))
        study = optuna.create_study(direction="maximize", pruner=pruner)
        for scores in earlier:
            values = {int(epoch): score for epoch, score in scores.items()}
            study.add_trial(create_trial(value=values[max(values)], intermediate_values=values))
        this = create_trial(state=TrialState.RUNNING, intermediate_values=curve)
        return bool(pruner.prune(study, this))


def importance(records: Sequence[dict[str, Any]], space: dict[str, Searched], whole: Iterable[str]) -> dict[str, float]:
    """Give the share of the score's variance that each parameter explains, by Optuna's fANOVA; nothing of too few.

    It fits a forest to the trials that were trained to the end: of twenty, it is a hint.
    """
    import optuna
    from optuna.importance import FanovaImportanceEvaluator, get_param_importances

    complete = [record for record in records if record["state"] == "complete"]
    if len({record["score"] for record in complete}) < 2:
        return {}
    with _quiet():
        study = optuna.create_study(direction="maximize")
        study.add_trials([as_trial(record, distributions(space, whole)) for record in complete])
        found = get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=0))
        return {name: float(share) for name, share in found.items()}


@contextmanager
def _quiet() -> Iterator[None]:
    """Let Optuna say nothing here: what matters of it is told in the words of this project."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(before)
