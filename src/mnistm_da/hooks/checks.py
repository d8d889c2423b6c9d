"""Mistakes in the command, and parameters that do not go with the pipeline, told before any node runs."""

from pathlib import Path
from typing import Any

import click
from kedro.framework.hooks import hook_impl
from kedro.framework.project import pipelines
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline

from mnistm_da.adaptation.registry import ALGORITHMS, algorithm_class
from mnistm_da.datasets.raw import RawDomain
from mnistm_da.errors import UserError, unknown
from mnistm_da.extras import check_extra
from mnistm_da.lineage.versions import versions
from mnistm_da.parameters import TYPED, BenchmarkParams, LauncherParams, TrainingParams

from .check_parameters import check_model
from .sizes import check_sizes, what_is_asked
from .tuning import check_end, check_search
from .unread import DOMAINS, check_domains, check_photos, check_read

TESTS = ("source_test", "target_test")


class CheckBeforeRun:
    """Refuse a mistaken run before any of its nodes runs."""

    @hook_impl
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Check what depends on the pipeline: who reads the parameters, device, versions, sizes of the data.

        Raises:
            click.UsageError: names the parameter, its value and the cure.
        """
        said, used = list(run_params.get("runtime_params") or {}), pipeline.inputs()
        if not run_params.get("node_names"):  # of a whole pipeline; `kedro reproduce` names all parameters and nodes
            check_read(said, run_params.get("pipeline_names") or [])
            check_photos(said, used, catalog)
        _check_load_versions(run_params.get("load_versions") or {}, pipeline, catalog)
        if "params:device" in used:
            _check_device(_value(catalog, "params:device"))
        if "params:model" in used:
            _check_algorithm(_value(catalog, "params:model"))
        if "exported_onnx" in pipeline.datasets():
            check_extra("export", "the pipeline 'export'")
        if "user_pictures" in used:
            _check_pictures(_value(catalog, "user_pictures"))
        _check_report_apart(pipeline, run_params.get("env"))
        _check_made(pipeline, catalog, run_params.get("env"))
        for name in ALGORITHMS:
            if f"params:{name}" in used:
                check_model(name, algorithm_class(name).Params, _value(catalog, f"params:{name}"))
        if "parameters" in used:
            _check_all(_value(catalog, "parameters"), is_search="params:tune" in used)
        raw = [catalog.get(name) for name in sorted(used) if name in DOMAINS]
        check_domains(said, used, catalog)
        try:
            _check_merge(pipeline, catalog)
            for domain in raw:
                if isinstance(domain, RawDomain):
                    domain.check()
                    domain.kept_classes()
                    _check_benchmark(domain, pipeline, catalog)
            _check_exact(what_is_asked(pipeline, catalog).algorithms, _value(catalog, "parameters")["training"])
            check_sizes(pipeline, catalog)
        except UserError as error:
            raise click.UsageError(str(error)) from error


def _value(catalog: DataCatalog, name: str) -> Any:
    """Load without the catalog's line in the log."""
    dataset: Any = catalog.get(name)
    return dataset.load()


def _check_load_versions(wanted: dict[str, str], pipeline: Pipeline, catalog: DataCatalog) -> None:
    """Refuse a version that is not there, or of what this run makes: it would be made, and could not be loaded."""
    for name, version in wanted.items():
        dataset: Any = catalog.get(name)
        known = versions(dataset)
        if version not in known:
            kept = f"The newest are {', '.join(known[:3])}." if known else "There is none."
            raise click.UsageError(f"--load-versions: there is no version '{version}' of '{name}'. {kept}")
        makers = [node.name for node in pipeline.nodes if name in node.outputs]
        if makers:
            raise click.UsageError(
                f"--load-versions: this run makes '{name}' itself (in {makers[0]}). Leave that node out, with "
                f"--from-nodes or --nodes, to load version {version}."
            )


def _check_benchmark(domain: RawDomain, pipeline: Pipeline, catalog: DataCatalog) -> None:
    """Refuse a benchmark on a target without labels, and algorithms that would learn from them."""
    if "benchmark_runs" not in pipeline.all_outputs():
        return
    if "tuning_trials" in pipeline.all_outputs():
        check_end(domain)
        return
    if not domain.has_labelled_test():
        raise UserError(
            "the benchmark compares accuracies on the target's test images, and these have no labels: name some that "
            "have them, with --params=target_test=path/to/labelled"
        )
    names = BenchmarkParams.model_validate(_value(catalog, "params:benchmark")).algorithms
    learning = sorted(set(names) - set(pipelines))
    if learning:
        raise UserError(
            f"benchmark.algorithms names {', '.join(learning)}, which learn from target labels, and the target of this "
            "environment has none: leave them out"
        )


def _check_merge(pipeline: Pipeline, catalog: DataCatalog) -> None:
    """Refuse results of another machine that are none, before the data are read."""
    if "merged_runs" not in pipeline.all_outputs():
        return
    params = BenchmarkParams.model_validate(_value(catalog, "params:benchmark"))
    if params.merge is not None:
        from mnistm_da.pipelines.benchmark import foreign

        foreign.read(params.merge)


def _check_device(device: Any) -> None:
    from mnistm_da.adaptation.optimization.device import resolve_device

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


def _check_made(pipeline: Pipeline, catalog: DataCatalog, env: str | None) -> None:
    """Refuse the use of a model that was not trained, and an export without the images that it is checked with."""
    asked = [name for name in sorted(pipeline.inputs()) if name in TESTS or name.startswith("chosen_")]
    missing = [name for name in asked if not _exists(catalog, name)]
    of_env = f" --env={env}" if env else ""
    if any(name.startswith("chosen_") for name in asked):
        _check_apart(pipeline, str(_value(catalog, "params:model")), of_env)
    of_model = [name.removeprefix("chosen_") for name in missing if name.startswith("chosen_")]
    if of_model:
        model = _value(catalog, "params:model")
        raise click.UsageError(
            f"'{model}' has not been trained here yet (missing: {', '.join(of_model)}). Train it first: "
            f"kedro run --pipelines={model}{of_env}"
        )
    if missing and "exported_onnx" in pipeline.datasets():
        raise click.UsageError(
            f"exported files are compared with the model on all test images, and there is no "
            f"{' and no '.join(missing)} here. Make the data too: kedro run --pipelines=data,export{of_env}"
        )


def _check_report_apart(pipeline: Pipeline, env: str | None) -> None:
    """Refuse the report in a run that makes anything else: no edge orders them, so it would tell of older results."""
    if "report" in pipeline.all_outputs() and len(pipeline.nodes) > 1:
        of_env = f" --env={env}" if env else ""
        raise click.UsageError(
            "the report tells of saved results, and would not wait for the rest of this run. Run that first, and then "
            f"the report by itself: kedro run --pipelines=report{of_env}"
        )


def _check_apart(pipeline: Pipeline, model: str, of_env: str) -> None:
    """Refuse to train a model in the run that uses it: no edge orders these nodes, so another one might be used."""
    if f"{model}.model" not in pipeline.all_outputs():
        return
    users = [name for name in ("predict", "export") if {*pipelines[name].nodes} & {*pipeline.nodes}]
    raise click.UsageError(
        f"this run trains '{model}', and what uses it would not wait for that. Run one after the other: "
        f"kedro run --pipelines={model}{of_env}, then kedro run --pipelines={','.join(users)}{of_env} "
        f"--params=model={model}"
    )


def _check_pictures(place: Path) -> None:
    from mnistm_da.domains.pictures import PicturesError, find_pictures

    if place == Path():
        raise click.UsageError("which pictures? Name their folder: --params=images=path/to/folder")
    try:
        find_pictures(place)
    except PicturesError as error:
        raise click.UsageError(f"parameter 'images': {error}.") from error


def _check_all(parameters: dict[str, Any], *, is_search: bool) -> None:
    """Check what a node that reads all parameters will read; Kedro checks only those that are inputs by themselves."""
    models = TYPED | {name: algorithm_class(name).Params for name in ALGORITHMS}
    for name in models.keys() & parameters.keys():
        check_model(name, models[name], parameters[name])
    if is_search:
        check_search(parameters)
    if not LauncherParams.model_validate(parameters["launcher"]).scheduler:  # whose workers may have another one
        _check_device(parameters["device"])


def _check_exact(algorithms: list[str], training: Any) -> None:
    params = TrainingParams.model_validate(training)
    if params.precision == "bfloat16" or params.compile:
        from mnistm_da.adaptation.optimization.acceleration import check_exact

        for name in algorithms:
            check_exact(algorithm_class(name), params)
