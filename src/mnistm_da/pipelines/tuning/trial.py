"""A trial: one training with the parameters that the search proposes, scored without a target label.

It is a unit of work as the benchmark's are: any launcher runs it, and one that was stopped goes on where it was.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import metadata
from typing import Any

import numpy as np

from mnistm_da.datasets.folders import ResultsDataset, States
from mnistm_da.datasets.workplace import Workplace
from mnistm_da.domains.proxy import proxy_pair
from mnistm_da.errors import UserError
from mnistm_da.launchers import Failure, Record, Tell, Unit, to_nobody
from mnistm_da.parameters import PROXY, TuneParams

from ..benchmark.names import depends_on, with_proposed
from ..benchmark.stopped import origin_of
from ..benchmark.unit import code_of, columns, run_parts, unit_pipeline
from ..benchmark.work import Work, changed_since, done_once, first_of, processor
from ..benchmark.work import opened as opened_by_work
from .under_way import Pruned, TrainingUnderWay

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Trial(Unit):
    """A unit with a place in a study.

    Attributes:
        number: in the study, from 0.
    """

    number: int = 0

    def __str__(self) -> str:
        return f"{self.algorithm}, trial {self.number}"


@dataclass(frozen=True)
class TrialStorage:
    """What a trial reads and saves.

    Attributes:
        data: what every trial begins with, by dataset.
        states: of trainings under way, see `state_name`.
        models: of the trials that ended.
        records: where they are saved by the process that made them; None: whoever asked for them saves them.
    """

    data: dict[str, Any]
    states: States
    models: States
    records: ResultsDataset | None


def _optuna() -> str | None:
    try:
        return metadata.version("optuna")
    except metadata.PackageNotFoundError:
        return None


@dataclass
class TrialWork:
    """Trains and scores a trial; see `launchers.Work`.

    Attributes:
        work: what the benchmark's units ask of a process: parameters, data, versions and code.
        tune: how the search scores.
        earlier: the scores by epoch of the trials that were trained to the end, for the pruner; none where none asks.
        storage: what ``work.place`` names, in this process; it is never sent.
        optuna: the version that asks whether a training is to be pruned.
    """

    work: Work
    tune: TuneParams
    earlier: list[dict[str, float]]
    storage: TrialStorage | None
    optuna: str | None = field(default_factory=_optuna)

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"storage": None}

    def misfits(self) -> list[str]:
        """Say in what this process differs from the one that made the work; Optuna counts only where it prunes."""
        here = _optuna()
        if self.tune.pruner != "none" and here != self.optuna:
            return [f"optuna is {here or 'not installed'} there and {self.optuna} here"]
        return self.work.misfits()

    def __call__(self, unit: Unit, tell: Tell = to_nobody) -> Record | Failure:
        """Give the record of a trial, or say of what it failed."""
        assert isinstance(unit, Trial)
        storage = self.storage or opened(self.work.place)
        return done_once(unit, storage, lambda: self._made(unit, storage, tell), goes_on=True)

    def failed(self, unit: Trial, failure: Failure) -> Record:
        """Give the record of a trial that failed: it is not run again."""
        told = {"seconds": None, "reason": failure.reason, "traceback": failure.text}
        return self._origin(unit, self._code(unit.algorithm)) | _ended("failed", {}) | told

    def warn_of_other_code(self, algorithm: str, records: Mapping[int, Record]) -> None:
        """Tell of trials that ended before a change of the code: they are compared with those that come."""
        code = self._code(algorithm)
        changed = [others["code"] for one in records.values() if (others := changed_since(one, {"code": code}))]
        if changed:
            files = first_of(sorted(set().union(*changed)))
            told = "%d of %d trials were made with other code (%s): delete their records to run them again"
            logger.warning(told, len(changed), len(records), files)

    def _code(self, algorithm: str) -> dict[str, str]:
        """Give the code that makes a trial, in the process that asks for it."""
        assert self.storage
        parts, data = what_is_run(self.tune, self.storage.data)
        return code_of(unit_pipeline(algorithm, data, parts))

    def _origin(self, unit: Trial, code: dict[str, str]) -> Record:
        """Give what a record says of a trial, however it ended."""
        parameters = with_proposed(self.work.parameters, unit.algorithm, dict(unit.proposed))
        return {
            "study": unit.name.rpartition(".")[0],
            "number": unit.number,
            "algorithm": unit.algorithm,
            "seed": unit.seed,
            "proposed": dict(unit.proposed),
            "by": {"score": self.tune.score, "guard": None if self.tune.score == PROXY else self.tune.guard},
            "parameters": depends_on(unit.algorithm, parameters),
            "code": code,
            "data": self.work.checksums,
            "made_with": self.work.made_with,
        }

    def _made(self, unit: Trial, storage: TrialStorage, tell: Tell) -> Record:
        parameters = with_proposed(self.work.parameters, unit.algorithm, dict(unit.proposed))
        parts, data = what_is_run(self.tune, storage.data)
        code = code_of(unit_pipeline(unit.algorithm, data, parts))
        origin = origin_of(code, self.work.checksums)
        training = TrainingUnderWay(unit, self.tune, parameters, self.earlier, storage, tell, origin)
        where = {"processor": processor(self.work.parameters["device"])}
        record = self._origin(unit, code) | {"made_with": self.work.made_with | where}
        try:
            found = run_parts(
                unit.algorithm,
                parts,
                unit.seed,
                parameters,
                data,
                training.earlier_state,
                training.keep,
                {name: training.give(name) for name in ("source_validation", "target_validation", "target_test")},
            )
        except Pruned:
            return record | _ended("pruned", training.curve) | {"seconds": training.seconds}
        storage.models.save(unit.name, found["model"])
        return record | _scored(found, self.tune, parameters) | {"curve": training.curve}


def what_is_run(tune: TuneParams, data: Mapping[str, Any]) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Give which datasets of the algorithm a trial makes, and from which data: the target's labels are in neither.

    By a proxy, trials are trained on the proxy pair, whose test labels are the source's.
    """
    parts = parts_of(tune.score)
    if tune.score == PROXY:
        return parts, proxy_pair(data["source"], data["proxy_photos"], data["format"]) | {"format": data["format"]}
    return parts, {name: of for name, of in data.items() if name != "proxy_photos"}


def parts_of(score: str) -> tuple[str, ...]:
    """Give what a trial makes of its algorithm: with a proxy, accuracies on that, and else only label-free scores."""
    return ("judged" if score == PROXY else "validation", "model", "timing")


def _ended(state: str, curve: dict[str, float]) -> dict[str, Any]:
    return {"state": state, "score": None, "guard": None, "epoch": None, "curve": curve}


def _scored(found: dict[str, Any], tune: TuneParams, parameters: dict[str, Any]) -> dict[str, Any]:
    """Give score and guard of the epoch that is the model, and the scores of all that were kept.

    Raises:
        UserError: one of them is not finite.
    """
    from mnistm_da.adaptation.measures.validators import choose

    is_proxy = tune.score == PROXY
    table = found["judged" if is_proxy else "validation"].rename(columns={"target_test_accuracy": "proxy_accuracy"})
    epoch = choose(table, parameters["selection"].get("by", "last"))
    row = table.set_index("epoch").loc[epoch]
    score = float(row["proxy_accuracy" if is_proxy else tune.score])
    guard = float(row[tune.guard]) if tune.guard and not is_proxy else None
    for name, value in ((tune.score, score), (tune.guard, guard)):
        if value is not None and not np.isfinite(value):
            raise UserError(f"the validator '{name}' gave no finite score for this model")
    return {
        "state": "complete",
        "score": score,
        "guard": guard,
        "epoch": epoch,
        "seconds": found["timing"]["seconds"],
        "validation": columns(table),
    }


@lru_cache(maxsize=1)
def opened(place: Workplace) -> TrialStorage:
    """Read what every trial begins with; once in a process, as long as it works for the same search."""
    catalog: Any = place.catalog()
    states, models = (catalog.get(name).load() for name in ("stopped_trials", "trial_models"))
    return TrialStorage(opened_by_work(place).data, states, models, catalog.get("tuning_trials"))
