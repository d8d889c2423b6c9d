"""Mistakes in the parameters of a search, told before any node runs."""

from typing import Any

import click

from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.datasets.raw import RawDomain
from mnistm_da.errors import UserError, unknown
from mnistm_da.extras import check_extra
from mnistm_da.parameters import PROXY, LauncherParams, SelectionParams, TuneParams


def check_search(parameters: dict[str, Any]) -> None:
    """Refuse a search that cannot be run: without Optuna, by unknown validators, or from outside of the ranges.

    Raises:
        click.UsageError: names the parameter, its value and the cure.
    """
    tune = TuneParams.model_validate(parameters["tune"])
    try:
        check_extra("tune", "the pipeline 'tune'")
        _check_validators(tune)
        _check_seeds(tune, parameters["seed"])
        if tune.at_once is None and LauncherParams.model_validate(parameters["launcher"]).scheduler:
            raise UserError(
                "launcher.scheduler has as many workers as come, and tune.at_once has to be the same when a search "
                "goes on: name it, such as tune.at_once=8"
            )
        _check_pruner(tune, SelectionParams.model_validate(parameters["selection"]))
        from mnistm_da.pipelines.tuning.names import start_of

        start_of(parameters, tune.algorithm)
    except UserError as error:
        raise click.UsageError(str(error)) from error


def _check_validators(tune: TuneParams) -> None:
    from mnistm_da.adaptation.measures.validators import READ_SOURCE, VALIDATORS

    guard = [] if tune.guard is None or tune.score == PROXY else [("guard", tune.guard, [*VALIDATORS])]
    for key, name, known in [("score", tune.score, [PROXY, *VALIDATORS]), *guard]:
        if name not in known:
            raise UserError(f"parameter 'tune.{key}': {unknown('validator', name, known)}")
        if name in READ_SOURCE and ALGORITHMS[tune.algorithm].source_free:
            others = ", ".join(sorted(VALIDATORS.keys() - READ_SOURCE))
            raise UserError(
                f"tune.{key}={name} reads source images, and {tune.algorithm} may not: name one of {others}"
            )
    if tune.score == tune.guard:
        raise UserError(
            f"tune.guard is {tune.guard}, as tune.score: name another validator, or tune.guard=null for none"
        )


def _check_pruner(tune: TuneParams, selection: SelectionParams) -> None:
    if tune.pruner != "none" and tune.trials > 1 and selection.checkpoints == 1:
        raise UserError(
            f"tune.pruner={tune.pruner} compares scores of the epochs that are kept, and selection.checkpoints=1 keeps "
            "the last one alone: ask for more checkpoints, or for tune.pruner=none"
        )


def _check_seeds(tune: TuneParams, seed: Any) -> None:
    if seed in tune.fresh_seeds:
        raise UserError(
            f"tune.fresh_seeds has {seed}, the seed of the search: name others, or another seed of the search"
        )


def check_end(domain: RawDomain) -> None:
    """Refuse to compare accuracies in the end on a target without labels; the search itself needs none.

    Raises:
        UserError: its test images have none.
    """
    if not domain.has_labelled_test():
        raise UserError(
            "in the end, tune compares accuracies on the target's test images, and these have no labels. The search "
            "alone needs none: add --to-outputs=study_winner,study_figure"
        )
