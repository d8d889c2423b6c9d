"""A run whose parameters contradict a saved model is refused before any node runs."""

from typing import Any

import click
from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline

from mnistm_da.parameters import FewLabelsParams, NetworkParams, Params, SelectionParams, TrainingParams, dotted

from .check_parameters import check_model


class CheckSavedModels:
    """Refuse a run that takes up a saved model and names parameters that it was not made with.

    A model is used as it was trained, whatever the configuration says today. A parameter that is named for this run
    alone means that the user expects another model.
    """

    @hook_impl
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Compare the models that the run reads, and does not make, with ``--params``.

        Raises:
            click.UsageError: names model, parameter, both values and the cure.
        """
        given = _names(run_params.get("runtime_params") or {})
        for name in sorted(pipeline.inputs()):
            if name == "chosen_model" or name.endswith((".model", ".checkpoints")):
                _check(name, catalog, given, run_params.get("env"))


def _check(name: str, catalog: DataCatalog, given: set[str], env: str | None) -> None:
    from mnistm_da.adaptation.models.description import description

    dataset: Any = catalog.get(name)
    if not dataset.exists():
        return
    parameters = catalog["parameters"].load()
    algorithm = parameters["model"] if name == "chosen_model" else name.partition(".")[0]
    again = f"kedro run --pipelines={algorithm}" + (f" --env={env}" if env else "")
    try:
        then = description(dataset.load())
    except ValueError as error:
        raise click.UsageError(f"{algorithm}.model: {error}: {again}") from error
    if then.algorithm != algorithm:
        raise click.UsageError(f"{algorithm}.model is a model of {then.algorithm}. Train {algorithm} again: {again}")
    was, now = then.flat(), _now(algorithm, parameters)
    for key in sorted(given & now.keys()):
        is_told = key in was or key.startswith(f"{algorithm}.")  # what an algorithm leaves out is None
        if is_told and was.get(key) != now[key]:
            start = f" --from-nodes={algorithm}.select" if key == "selection.by" else ""
            raise click.UsageError(
                f"{key}={now[key]} contradicts the newest model of {algorithm}, which was made with "
                f"{key}={was.get(key)}. Leave the parameter out to use that model as it is, or make another one: "
                f"{again}{start} --params={key}={now[key]}"
            )


def _now(algorithm: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Give what a training would be made with now, by the names of `Description.flat`."""
    from mnistm_da.adaptation.optimization.acceleration import with_precision
    from mnistm_da.adaptation.optimization.device import resolve_device
    from mnistm_da.adaptation.registry import algorithm_class

    def read(name: str, model: type[Params]) -> Any:
        check_model(name, model, parameters[name])  # of another algorithm than the run's, nothing else does
        return model.model_validate(parameters[name])

    own = read(algorithm, algorithm_class(algorithm).Params)
    models: dict[str, type[Params]] = {
        "network": NetworkParams,
        "few_labels": FewLabelsParams,
        "selection": SelectionParams,
    }
    groups = {algorithm: own} | {name: read(name, model) for name, model in models.items()}
    groups["training"] = with_precision(
        own.adjusted(read("training", TrainingParams)),
        algorithm_class(algorithm),
        resolve_device(parameters["device"]),
    )
    return dotted({name: group.model_dump() for name, group in groups.items()}) | {"seed": parameters["seed"]}


def _names(values: dict[str, Any], prefix: str = "") -> set[str]:
    """Give the dotted names of parameters, whether they are nested or dotted already."""
    found: set[str] = set()
    for name, value in values.items():
        found |= _names(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}"}
    return found
