"""Look at the target's test labels when a search is over. Nothing here goes back into a search."""

import logging
from collections.abc import Iterator
from typing import Any

import numpy as np

from mnistm_da.datasets.folders import States
from mnistm_da.datasets.workplace import Workplace
from mnistm_da.errors import UserError
from mnistm_da.parameters import PROXY, LauncherParams, TuneParams, dotted
from mnistm_da.pipelines.lazy_types import DataFrame, Figure

from ..benchmark.names import result_name, with_proposed
from ..benchmark.nodes import Results, UnitsFailedError, Wanted, run_each
from .names import space_of

logger = logging.getLogger(__name__)

Arrays = dict[str, np.ndarray]
Chunks = Iterator[tuple[Results, dict[str, str | None]]]


def run_winner(
    finished: Results,
    stopped: States,
    place: Workplace,
    parameters: dict[str, Any],
    winner: dict[str, Any],
    tune: TuneParams,
    launcher: LauncherParams,
    **data: Any,
) -> Chunks:
    """Run the winner, and the parameters that the search began with, on fresh seeds; see `run_each`.

    They are runs of the benchmark: those that are recorded there are not run again.
    """
    searched = space_of(tune.algorithm)[0]
    parameters = with_proposed(parameters, tune.algorithm, winner["parameters"])  # the others are the same for both
    chosen = [
        tuple((name, value) for name, value in own.items() if name in searched)
        for own in (winner["start"]["parameters"], winner["parameters"])
    ]
    each = [Wanted(tune.algorithm, seed, own) for own in chosen for seed in tune.fresh_seeds]
    yield from run_each(finished, stopped, place, parameters, each, launcher, data)


def compare_with_start(
    results: Results, parameters: dict[str, Any], winner: dict[str, Any], tune: TuneParams
) -> dict[str, Any]:
    """Say what the search gained: target test accuracies (0–1) of the winner and of the start, on the same fresh seeds.

    Returns:
        - ``study``, ``algorithm``, ``by``, ``trial``, ``trials``: those of `pick_winner`;
        - ``seeds``;
        - ``start``, ``winner``: their ``parameters``, the ``target_test_accuracy`` of each seed, its ``mean``, and its
          sample standard ``deviation`` (None for one seed);
        - ``gain``: the differences with the same seed (``each``), and their ``mean``;
        - ``is_more_than_spread``: whether the mean gain is greater than both deviations (None for one seed).
    """
    found = {}
    for which, own in (("start", winner["start"]["parameters"]), ("winner", winner["parameters"])):
        chosen = with_proposed(parameters, tune.algorithm, own)
        each = [
            results[result_name(tune.algorithm, seed, chosen)]["target_test"]["accuracy"] for seed in tune.fresh_seeds
        ]
        found[which] = {"parameters": own, "target_test_accuracy": each} | _spread(each)
    gains = np.subtract(found["winner"]["target_test_accuracy"], found["start"]["target_test_accuracy"])
    spreads = [of["deviation"] for of in found.values()]
    told = {key: winner[key] for key in ("study", "algorithm", "by", "trial", "trials")}
    is_more = None if None in spreads else bool(gains.mean() > max(spreads))
    logger.info(
        "%s on fresh seeds: target test %.2f %% with the parameters of the search, %.2f %% before",
        tune.algorithm,
        100 * found["winner"]["mean"],
        100 * found["start"]["mean"],
    )
    used = ",".join(f"{tune.algorithm}.{name}={value}" for name, value in dotted(winner["parameters"]).items())
    logger.info(
        "to train with them, beside what else the search was run with: --pipelines=%s --params=%s", tune.algorithm, used
    )
    return told | {
        "seeds": tune.fresh_seeds,
        **found,
        "gain": {"mean": float(gains.mean()), "each": gains.tolist()},
        "is_more_than_spread": is_more,
    }


def _spread(values: list[float]) -> dict[str, float | None]:
    return {"mean": float(np.mean(values)), "deviation": float(np.std(values, ddof=1)) if len(values) > 1 else None}


def run_trials_again(
    finished: Results,
    stopped: States,
    place: Workplace,
    parameters: dict[str, Any],
    study: DataFrame,
    records: Results,
    tuned: dict[str, Any],
    tune: TuneParams,
    launcher: LauncherParams,
    **data: Any,
) -> Chunks:
    """Train the parameters of each trial on the real pair, where the trials were of a proxy; else do nothing.

    ``tuned`` is not read: it is there when the winner has been compared, and so this comes after it. A training that
    fails is told of, and left out by `look_back`.

    Raises:
        UnitsFailedError: all of them failed.
    """
    if tune.score != PROXY:
        yield {}, {}
        return
    each = [Wanted(tune.algorithm, int(parameters["seed"]), tuple(own.items())) for own in _proposed(study, records)]
    try:
        yield from run_each(finished, stopped, place, parameters, each, launcher, data, goes_on=True)
    except UnitsFailedError as error:
        if error.count == len(set(each)):
            raise
        logger.warning("%s", error)


def look_back(
    study: DataFrame,
    records: Results,
    results: Results,
    models: States,
    target_test: Arrays,
    tuned: dict[str, Any],
    parameters: dict[str, Any],
    tune: TuneParams,
) -> DataFrame:
    """Set the target test accuracy of every trial beside its label-free score; ``tuned`` is not read, only waited for.

    Returns:
        The rows of ``study`` that are complete, with ``target_test_accuracy`` (0–1); by a proxy, without those that
        `run_trials_again` could not train.

    Raises:
        UserError: the model of a trial is not there any more.
    """
    from mnistm_da.adaptation.models import inference
    from mnistm_da.adaptation.models.loading import load
    from mnistm_da.adaptation.optimization.device import resolve_device, use_device

    try:
        resolve_device(parameters["device"])
        device = parameters["device"]
    except UserError:  # a device that only the workers of a cluster have
        device = "auto"
    complete = study[study["state"] == "complete"]
    accuracy = []
    for trial, proposed in zip(complete["trial"], _proposed(study, records), strict=True):
        if tune.score == PROXY:
            chosen = with_proposed(parameters, tune.algorithm, proposed)
            name = result_name(tune.algorithm, int(parameters["seed"]), chosen)
            accuracy.append(results[name]["target_test"]["accuracy"] if name in results else np.nan)
            continue
        name = f"{complete['study'].iloc[0]}.{trial:04}"
        model = models.load(name)
        if model is None:
            raise UserError(
                f"the model of trial {trial} ({name}) is not in trial_models any more. Delete its record in "
                "tuning_trials, and it is trained again; or leave this out, with --to-outputs=tuned,study_figure"
            )
        accuracy.append(inference.accuracy(load(model), target_test, use_device(device)))
    return complete.assign(target_test_accuracy=accuracy).dropna(subset=["target_test_accuracy"])


def _proposed(study: DataFrame, records: Results) -> list[dict[str, float]]:
    complete = study[study["state"] == "complete"]
    return [
        records[f"{name}.{trial:04}"]["proposed"]
        for name, trial in zip(complete["study"], complete["trial"], strict=True)
    ]


def plot_trust(study_in_hindsight: DataFrame, tuned: dict[str, Any]) -> Figure:
    """Draw the target test accuracy of every trial over its label-free score: how far the search could be trusted."""
    from mnistm_da.adaptation.figures import studies

    return studies.trust(study_in_hindsight, tuned)
