"""The search, its table, and the parameters that it picks: no target label is read here."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mnistm_da.datasets.folders import States
from mnistm_da.datasets.workplace import Workplace
from mnistm_da.errors import UserError
from mnistm_da.launchers import LAUNCHERS, Failure, Record
from mnistm_da.launchers.local import workers
from mnistm_da.parameters import PROXY, LauncherParams, TuneParams
from mnistm_da.pipelines.lazy_types import DataFrame, Figure

from ..benchmark.names import plain
from ..benchmark.nodes import with_device
from ..benchmark.stopped import remove_left_over, remove_states
from ..benchmark.work import Storage, Work
from .names import named, space_of, start_of
from .study import Study, guard_lacks, importance
from .trial import Trial, TrialStorage, TrialWork

logger = logging.getLogger(__name__)

Results = dict[str, Any]
Arrays = dict[str, np.ndarray]


def search(
    finished: Results,
    stopped: States,
    models: States,
    studies: Path,
    place: Workplace,
    parameters: dict[str, Any],
    tune: TuneParams,
    launcher: LauncherParams,
    **data: Any,
) -> Iterator[Results]:
    """Run the trials of a study that have no record yet.

    Args:
        finished: records of earlier trials by name.
        stopped: states of trainings under way, see `state_name`.
        models: of the trials that ended, by their names.
        studies: the folder of Optuna's journals.
        place: by which other processes find all of this.
        parameters: all parameters of the run; the algorithm's own are the first trial's.
        tune: whose parameters are searched, and how.
        launcher: where trials are run.
        data: what every trial begins with.

    Yields:
        When a trial has ended, its record by its name.

    Raises:
        UserError: the first trial failed, with the parameters that the others are compared with; or one failed for
            another reason than its parameters.
    """
    yield {}  # or Kedro could not save the output where nothing is missing
    launcher, parameters = with_device(launcher, plain(parameters))
    name, space, whole = named(parameters, tune, data), *space_of(tune.algorithm)
    records = of_study(finished, name)
    remove_left_over(stopped, finished)
    work = Work.of(parameters, place, Storage(data, stopped, None))
    storage = TrialStorage(data, stopped, models, None)
    if records:
        logger.info("%d of %d trials of %s had ended before", len(records), tune.trials, name)
        TrialWork(work, tune, [], storage).warn_of_other_code(tune.algorithm, records)
    seed, start = int(parameters["seed"]), start_of(parameters, tune.algorithm)
    study = Study(studies, name, space, whole, start, tune, seed, records)
    at_once = tune.at_once or _workers(launcher)
    while asked := study.ask(at_once, records):
        trials = [
            Trial(f"{name}.{number:04}", tune.algorithm, seed, tuple(proposed.items()), number)
            for number, proposed in asked.items()
        ]
        missing = [trial for trial in trials if trial.number not in records]
        earlier = curves_before(min(asked), records) if tune.pruner != "none" else []
        do = TrialWork(work, tune, earlier, storage)
        for trial, outcome in LAUNCHERS[launcher.name](missing, do, launcher):
            assert isinstance(trial, Trial)
            records[trial.number] = record = _recorded(trial, outcome, do)
            yield {trial.name: record}
            remove_states(trial, stopped)
            _tell(trial, record, tune.trials)
        for number in asked:  # in this order whoever was first, so that the next ones do not depend on it
            study.tell(number, records)


def of_study(finished: Results, name: str) -> dict[int, dict[str, Any]]:
    """Give the records of a study by number."""
    return {one["number"]: one for one in finished.values() if one["study"] == name}


def curves_before(number: int, records: dict[int, dict[str, Any]]) -> list[dict[str, float]]:
    """Give the scores by epoch of the trials below a number that were trained to the end.

    A pruner compares a group of trials with no other: those of the same group may have ended before a stop, or not.
    """
    before = [records[of] for of in range(number) if of in records]
    return [one["curve"] for one in before if one["state"] == "complete" and one["curve"]]


def _workers(launcher: LauncherParams) -> int:
    return 1 if launcher.name == "here" else workers(launcher)


def _recorded(trial: Trial, outcome: Record | Failure, do: TrialWork) -> Record:
    if not isinstance(outcome, Failure):
        return outcome
    if not outcome.of_unit:
        logger.error("%s", outcome.text)
        raise UserError(
            f"{trial} was stopped by something else than its parameters, so it is not recorded, and the search ends "
            f"here: {outcome.reason}. When the cause is mended, the same command goes on"
        )
    if trial.number == 0:
        raise UserError(f"the first trial, with the parameters to begin with, failed: {outcome.reason}")
    return do.failed(trial, outcome)


def _tell(trial: Trial, record: Record, trials: int) -> None:
    said = ", ".join(f"{name} {value:.4g}" for name, value in trial.proposed)
    score = record["reason"] if record["state"] == "failed" else f"score {record['score'] or float('nan'):.4f}"
    if record["state"] == "pruned":
        score = f"pruned after epoch {max(map(int, record['curve']))}"
    logger.info("trial %d of %d: %s (%s)", trial.number + 1, trials, score, said)


def tabulate_study(records: Results, parameters: dict[str, Any], tune: TuneParams, **data: Any) -> DataFrame:
    """Put the trials of a study into a table.

    Returns:
        A row per trial:

        - ``trial``: its number, 0 with the parameters to begin with;
        - ``state``: ``complete``, ``pruned`` or ``failed``;
        - ``score``, ``guard``; ``allowed`` by the guard;
        - ``epoch`` of the model, ``seconds`` of training;
        - a column per parameter, by its name on the command line;
        - ``reason`` of a failure, and the ``study``.

    Raises:
        UserError: there is none, since the study is another one.
    """
    import pandas as pd

    name = named(plain(parameters), tune, data)
    found = of_study(records, name)
    if not found:
        raise UserError(f"there is no trial of {name}: run the search with these parameters first, --nodes=search")
    rows = []
    for number, record in sorted(found.items()):
        lacks = guard_lacks(record, found, tune)
        row = {"trial": number} | {key: record[key] for key in ("state", "score", "guard")}
        row["allowed"] = record["state"] == "complete" and (lacks is None or lacks <= 0)
        row |= {"epoch": record["epoch"], "seconds": record["seconds"]}
        row |= {f"{tune.algorithm}.{key}": value for key, value in record["proposed"].items()}
        rows.append(row | {"reason": record.get("reason", ""), "study": name})
    return pd.DataFrame(rows).astype({"score": float, "guard": float})


def pick_winner(study: DataFrame, records: Results, parameters: dict[str, Any], tune: TuneParams) -> dict[str, Any]:
    """Give the parameters with the highest score of those that the guard allows; of equal ones, the first.

    Returns:
        - ``study``, ``algorithm``;
        - ``by``: the names of score and guard;
        - ``trial``, ``score``, ``guard``, ``parameters``: of the winner; of the algorithm's own parameters, those that
          are searched, or set in the configuration or the command;
        - ``start``: the same of the first trial;
        - ``importance`` of each parameter for the score;
        - ``trials``: how many there are of each state.
    """
    allowed = study[study["allowed"]]
    best = allowed.iloc[int(allowed["score"].argmax())]
    first = study.iloc[0]
    space, whole = space_of(tune.algorithm)
    of = of_study(records, str(best["study"]))
    own = plain(parameters)[tune.algorithm]

    def described(row: Any) -> dict[str, Any]:
        values = of[int(row["trial"])]["proposed"]
        guard = None if np.isnan(row["guard"]) else float(row["guard"])
        return {
            "trial": int(row["trial"]),
            "score": float(row["score"]),
            "guard": guard,
            "parameters": own | values,
        }

    return {
        "study": str(best["study"]),
        "algorithm": tune.algorithm,
        "by": {"score": tune.score, "guard": None if tune.score == PROXY else tune.guard},
        **described(best),
        "start": described(first),
        "importance": importance([of[number] for number in sorted(of)], space, whole),
        "trials": {str(state): int(count) for state, count in study["state"].value_counts().items()},
    }


def plot_study(study: DataFrame, winner: dict[str, Any]) -> Figure:
    """Draw score against trial, and the importance of each parameter."""
    from mnistm_da.adaptation.figures import studies

    return studies.history(study, winner)
