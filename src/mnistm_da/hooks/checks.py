"""Mistakes in the command and its parameters, told before any node runs."""

from pathlib import Path
from typing import Any, NoReturn

import click
from kedro.framework.hooks import hook_impl
from kedro.framework.project import pipelines
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline

from mnistm_da.adaptation.registry import ALGORITHMS, algorithm_class, unknown
from mnistm_da.parameters import TYPED, Params


class CheckBeforeRun:
    """Refuse a run whose parameters cannot be meant, before any node of it runs."""

    @hook_impl
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Check ``--params`` for unknown names, then seed, device and the algorithms' own parameters.

        Kedro itself checks the parameters that have a typed model, before this hook.

        Raises:
            click.UsageError: names the parameter, its value and the cure.
        """
        _check_names(run_params.get("runtime_params") or {})
        if not run_params.get("node_names"):  # of a whole pipeline
            _check_read(run_params.get("runtime_params") or {}, run_params.get("pipeline_names") or [])
        used = pipeline.inputs()
        if "params:seed" in used:
            _check_seed(catalog.load("params:seed"))
        if "params:resume" in used and not isinstance(catalog.load("params:resume"), bool):
            raise click.UsageError(f"parameter 'resume' must be true or false, not {catalog.load('params:resume')!r}.")
        if "params:device" in used:
            _check_device(catalog.load("params:device"))
        if "params:model" in used:
            _check_algorithm(catalog.load("params:model"))
        if "user_pictures" in used:
            _check_pictures(catalog.load("user_pictures"))
        missing = [name for name in sorted(used) if name.startswith("chosen_") and not _exists(catalog, name)]
        if missing:
            _refuse_untrained(catalog.load("params:model"), missing, run_params.get("env"))
        for name in ALGORITHMS:
            if f"params:{name}" in used:
                _check_model(name, algorithm_class(name).Params, catalog.load(f"params:{name}"))
        if "parameters" in used:
            _check_all(catalog.load("parameters"))


def _check_names(runtime_params: dict[str, Any]) -> None:
    known = sorted(
        {
            name.removeprefix("params:").split(".")[0]
            for pipeline in pipelines.values()
            for name in pipeline.inputs()
            if name.startswith("params:")
        }
    )
    known += ["images"]  # a place, which the catalog reads
    for name in runtime_params:
        if name.split(".")[0] not in known:
            raise click.UsageError(unknown("parameter", name, known))


def _check_read(runtime_params: dict[str, Any], chosen: list[str]) -> None:
    """Refuse parameters of other algorithms than those that are trained, and few labels where none learns from them.

    Every pipeline makes all splits, and so picks the few images: that they are picked does not mean that they are seen.
    """
    if not chosen or not all(name in ALGORITHMS for name in chosen):
        return
    for name in {key.split(".")[0] for key in runtime_params} & {*ALGORITHMS, "few_labels"}:
        if name == "few_labels":
            readers = [of for of, entry in ALGORITHMS.items() if entry.target_labels == "few"]
        else:
            readers = [of for of in ALGORITHMS if f"params:{name}" in pipelines[of].inputs()]
        if not set(chosen) & set(readers):
            there = " or ".join(readers)
            raise click.UsageError(
                f"parameter '{name}' changes nothing in {' or '.join(chosen)}, but in --pipelines={there}"
            )


def _check_seed(seed: Any) -> None:
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**32:
        raise click.UsageError(f"parameter 'seed' must be a whole number from 0 to 2³² − 1, not {seed!r}.")


def _check_device(device: Any) -> None:
    from mnistm_da.adaptation.device import resolve_device

    try:
        resolve_device(str(device))
    except (ValueError, RuntimeError) as error:
        raise click.UsageError(f"parameter 'device': {error}.") from error


def _check_algorithm(model: Any) -> None:
    if model not in ALGORITHMS:
        raise click.UsageError(f"parameter 'model': {unknown('algorithm', str(model), ALGORITHMS)}")


def _exists(catalog: DataCatalog, name: str) -> bool:
    dataset: Any = catalog.get(name)
    return bool(dataset.exists())


def _refuse_untrained(model: str, missing: list[str], env: str | None) -> NoReturn:
    train = f"kedro run --pipelines={model}" + (f" --env={env}" if env else "")
    what = ", ".join(name.removeprefix("chosen_") for name in missing)
    raise click.UsageError(f"'{model}' has not been trained here yet (missing: {what}). Train it first: {train}")


def _check_pictures(folder: Path) -> None:
    from mnistm_da.domains.user_images import find_pictures

    if folder == Path():
        raise click.UsageError("which pictures? Name their folder: --params=images=path/to/folder,model=dann")
    try:
        find_pictures(folder)
    except ValueError as error:
        raise click.UsageError(f"parameter 'images': {error}.") from error


def _check_all(parameters: dict[str, Any]) -> None:
    """Check what a node that reads all parameters will read; Kedro checks only those that are inputs by themselves."""
    models = TYPED | {name: algorithm_class(name).Params for name in ALGORITHMS}
    for name in models.keys() & parameters.keys():
        _check_model(name, models[name], parameters[name])
    _check_seed(parameters["seed"])
    _check_device(parameters["device"])


def _check_model(name: str, model: type[Params], params: Any) -> None:
    from pydantic import ValidationError

    try:
        model.model_validate(params)
    except ValidationError as error:
        raise click.UsageError(f"parameter '{name}': {error}") from error
