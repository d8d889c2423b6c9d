"""Impossible parameters are refused before anything else is done with them."""

import re
from typing import Any

import click
from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.framework.project import pipelines
from pydantic import TypeAdapter, ValidationError

from mnistm_da.adaptation.optimization.schedule import SCHEDULES
from mnistm_da.adaptation.registry import ALGORITHMS, algorithm_class
from mnistm_da.environments import check_environment
from mnistm_da.errors import UserError, unknown
from mnistm_da.parameters import LAST, OF_ENVIRONMENT, PATHS, SWITCHED_ON, TYPED, Seed, SelectionParams, TrainingParams
from mnistm_da.validation import check

OF_PATTERN = PATHS - {"images"}
"""Those that the pattern ``raw_target_{part}`` of a catalog has in it."""


class CheckParameters:
    """Refuse parameters with unknown names or impossible values, in every command that reads them."""

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Check the environment, the names of all parameters, and those that every command can check quickly.

        Kedro itself would check the typed ones next, in Pydantic's words.

        Raises:
            click.UsageError: names the environment or the parameter, and the cure.
        """
        loader: Any = context.config_loader
        check_environment(loader.conf_source, context.env)
        parameters, said = _read(loader), loader.runtime_params or {}
        _check_names([*said, *parameters])
        for name, model in TYPED.items():
            if name in parameters:
                check_model(name, model, parameters[name])
        for name in SWITCHED_ON.keys() & said.keys():
            _check_is_on(name, said[name], parameters[name])
        for name in said.keys() & ALGORITHMS.keys():
            check_model(name, algorithm_class(name).Params, parameters[name])
        for name in PATHS & parameters.keys():
            _check_path(name, parameters[name])
        _check_library_names(parameters)
        _check_seed(parameters.get("seed", 0))
        if not isinstance(parameters.get("resume", False), bool):
            raise click.UsageError(f"parameter 'resume' must be true or false, not {parameters['resume']!r}.")


def _read(loader: Any) -> dict[str, Any]:
    try:
        parameters: dict[str, Any] = loader["parameters"]
    except (AttributeError, TypeError) as error:  # Kedro takes every file for a mapping
        raise click.UsageError(
            "the configuration cannot be read: a file parameters*.yml holds something other than `name: value`."
        ) from error
    return parameters


def _check_names(names: list[str]) -> None:
    known = {
        name.removeprefix("params:").split(".")[0]
        for pipeline in pipelines.values()
        for name in pipeline.inputs()
        if name.startswith("params:")
    } | {*TYPED, *ALGORITHMS, *PATHS, *OF_ENVIRONMENT}  # a path is the catalog's to read
    for name in names:
        if name.split(".")[0] not in known:
            raise click.UsageError(unknown("parameter", name, known))


def _check_is_on(name: str, said: dict[str, Any], params: dict[str, Any]) -> None:
    """Refuse values of a section that is switched off: a benchmark would run here, where a cluster was meant.

    A file of the configuration may have them: it can be switched off for one run.
    """
    off, others = TYPED[name].model_validate({}).name, sorted(said.keys() - {"name"})  # type: ignore[attr-defined]
    if others and params.get("name", off) == off:
        raise click.UsageError(
            f"parameter '{name}.{others[0]}' changes nothing with {name}={off}: add {name}={SWITCHED_ON[name]}"
        )


def _check_path(name: str, value: Any) -> None:
    if not isinstance(value, str | None):
        raise click.UsageError(f"parameter '{name}' is a path and cannot be {value!r}.")
    if name in OF_PATTERN and value and re.search(r"\{.*\}", value):
        raise click.UsageError(
            f"parameter '{name}' is '{value}', but Kedro reads {{ and }} as a pattern's own: rename the folder."
        )


def _check_seed(seed: Any) -> None:
    try:
        TypeAdapter(Seed).validate_python(seed)
    except ValidationError as error:
        raise click.UsageError(f"parameter 'seed' must be a whole number from 0 to 2³² − 1, not {seed!r}.") from error


def check_model(name: str, model: Any, params: Any) -> None:
    """Check one section of the parameters.

    Raises:
        click.UsageError: names the parameter, its value and the nearest known name.
    """
    try:
        check(name, model, params)
    except UserError as error:
        raise click.UsageError(str(error)) from error


def _check_library_names(parameters: dict[str, Any]) -> None:
    """Check parameters that name a function of the library: only the library lists these names."""
    decay = TrainingParams.model_validate(parameters.get("training", {})).decay
    if decay not in SCHEDULES:
        raise click.UsageError(f"parameter 'training.decay': {unknown('schedule', decay, SCHEDULES)}")
    by = SelectionParams.model_validate(parameters.get("selection", {})).by
    if by != LAST:  # without torch, which the validators import
        from mnistm_da.adaptation.measures.validators import VALIDATORS

        if by not in VALIDATORS:
            raise click.UsageError(f"parameter 'selection.by': {unknown('validator', by, [LAST, *VALIDATORS])}")
