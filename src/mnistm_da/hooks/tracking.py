"""Tell MLflow of runs, where a team has it: a run of each algorithm, of each unit of the benchmark, and of each trial.

The artifacts stay in the catalog: MLflow is told where they lie, and what they were made from. If the server goes away,
only the messages to it are lost.
"""

import atexit
import json
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click
from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline

from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.errors import UserError
from mnistm_da.hashes import text_hash
from mnistm_da.kedro_private import version_of, versioned_path
from mnistm_da.launchers import Failure
from mnistm_da.lineage import records
from mnistm_da.lineage.trace import parameters
from mnistm_da.parameters import TrackingParams, dotted
from mnistm_da.storage import files

from .project import UNTRACED

logger = logging.getLogger(__name__)

NO_SCORES = frozenset({"parameters", "code", "data", "made_with", "judged", "timing"})
"""Of a unit's result."""


class TrackRun:
    """Do nothing, unless the parameter ``tracking`` names where to tell of a run."""

    def __init__(self) -> None:
        self._runs: Any = None
        self._process = 0
        self._epochs: dict[str, int] = {}
        self._about: dict[str, Any] = {}

    @hook_impl(trylast=True)  # after the checks that may refuse the run
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """Begin a run for each algorithm that is to be run.

        Raises:
            click.UsageError: nobody answers at the address.
        """
        self._end("KILLED")  # of a run of this process that was interrupted, in a notebook, say
        self._epochs = {}
        dataset: Any = catalog.get("params:tracking")
        params = TrackingParams.model_validate(dataset.load() if dataset else {})
        if params.name == "none":
            return
        from .mlflow_runs import MlflowRuns, without_password

        try:
            self._runs = MlflowRuns(params)
        except UserError as error:
            raise click.UsageError(str(error)) from error
        self._process = os.getpid()
        self._about = _about(run_params)
        logger.info("MLflow at %s, experiment %s", without_password(self._runs.uri), params.experiment)
        atexit.register(self._end, "KILLED")  # by Ctrl-C, of which no hook is told
        for name in _algorithms(pipeline):
            asked = _asked(name, pipeline, catalog)
            self._safely(MlflowRuns.begin, name, asked, self._about)

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, data: Any) -> None:
        """Tell of each epoch as soon as it is done, of each unit of the benchmark, and of each trial of a search."""
        if self._runs is None or os.getpid() != self._process:  # a worker has no connection
            return
        algorithm, _, kind = dataset_name.partition(".")
        if algorithm in ALGORITHMS and kind == "training_state":
            from mnistm_da.adaptation.optimization.state import history

            self._safely(lambda runs: self._tell_epochs(runs, algorithm, history(data)))
        for name, result in data.items() if dataset_name in UNITS else ():
            self._safely(UNITS[dataset_name], name, result, self._about)

    @hook_impl
    def after_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """Tell of scores, where artifacts lie, and what they were made from."""
        self._finish(pipeline, catalog, "FINISHED")

    @hook_impl
    def on_pipeline_error(self, pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """Tell the same of the artifacts that were made before the error."""
        self._finish(pipeline, catalog, "FAILED")

    def _finish(self, pipeline: Pipeline, catalog: CatalogProtocol, status: str) -> None:
        for name in self._runs.names if self._runs else ():
            self._safely(self._tell_results, name, pipeline, catalog)
        self._end(status)

    def _tell_results(self, runs: Any, name: str, pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        made = _made(name, pipeline, catalog)
        if not self._epochs.get(name) and "history" in made:  # its epochs were told in a worker
            self._tell_epochs(runs, name, made["history"].load().to_dict("records"))
        if "metrics" in made:
            runs.measure(name, [_scores(made["metrics"].load())])
        runs.tag(name, _lineage(name, made))

    def _tell_epochs(self, runs: Any, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
        new = [
            (int(row["epoch"]), {key: value for key, value in row.items() if key != "epoch"})
            for row in rows
            if row["epoch"] > self._epochs.get(name, 0)
        ]
        if new:
            runs.measure(name, new)
            self._epochs[name] = new[-1][0]

    def _end(self, status: str) -> None:
        for name in self._runs.names if self._runs and os.getpid() == self._process else ():
            self._safely(_end_run, name, status)
        self._runs = None
        atexit.unregister(self._end)

    def _safely(self, tell: Callable[..., None], *about: Any) -> None:
        """Tell MLflow something; if that fails, say so once and tell it nothing more."""
        if self._runs is None:
            return
        from .mlflow_runs import first_line, without_password

        try:
            tell(self._runs, *about)
        except Exception as error:  # whatever it is, a training is worth more
            logger.warning(
                "MLflow at %s failed (%s): it is told nothing more of this run, which goes on",
                without_password(self._runs.uri),
                first_line(error),
            )
            self._runs = None


def _end_run(runs: Any, name: str, status: str) -> None:
    runs.end(name, status)


def _algorithms(pipeline: Pipeline) -> list[str]:
    """Give the algorithms that are trained or scored; not those whose newest results are only looked at."""
    spaces = {node.namespace for node in pipeline.nodes}
    return [name for name in ALGORITHMS if name in spaces]


def _about(run_params: dict[str, Any]) -> dict[str, Any]:
    about = {"kedro.run": run_params.get("run_id") or run_params.get("session_id"), "kedro.env": run_params.get("env")}
    about["kedro.pipelines"] = " ".join(run_params.get("pipeline_names") or [])
    return {key: value for key, value in about.items() if value}


def _asked(algorithm: str, pipeline: Pipeline, catalog: CatalogProtocol) -> dict[str, Any]:
    """Give the parameters that an algorithm's nodes, and those of no algorithm, read: by dotted name."""
    found: dict[str, Any] = {}
    for node in pipeline.nodes:
        if node.namespace in (None, algorithm):
            found |= parameters(node, catalog, UNTRACED)
    return dotted(found)


def _made(algorithm: str, pipeline: Pipeline, catalog: CatalogProtocol) -> dict[str, Any]:
    """Give the datasets of an algorithm that this run has saved, by short name."""
    made = {}
    for name in sorted(pipeline.all_outputs()):
        dataset: Any = catalog.get(name)
        version = version_of(dataset)
        if name.startswith(f"{algorithm}.") and version and files.exists(versioned_path(dataset, version.save)):
            made[name.partition(".")[2]] = dataset
    return made


def _scores(metrics: Mapping[str, Any]) -> tuple[int, dict[str, float]]:
    """Give the epoch, and the scores that are single numbers by path, such as ``target_test/accuracy``."""
    flat = {name.replace(".", "/"): value for name, value in dotted(dict(metrics)).items()}
    return metrics["epochs"], {name: value for name, value in flat.items() if name not in ("seed", "epochs")}


def _lineage(algorithm: str, made: Mapping[str, Any]) -> dict[str, str]:
    """Give tags: where each artifact lies and its content; of which inputs, code, libraries and machine they came."""
    tags: dict[str, str] = {}
    together: dict[str, Any] = {"code": {}}
    for name, dataset in made.items():
        path = versioned_path(dataset, version_of(dataset).save)  # type: ignore[union-attr]
        record = records.read(path) or {}
        tags |= {f"artifact.{name}": path.as_uri(), f"content.{name}": record.get("content", "")}
        for one, read in record.get("inputs", {}).items():
            if not one.startswith(f"{algorithm}."):
                tags[f"input.{one}"] = f"{read['version']} {read['content']}"
        code = together["code"] | record.get("code", {})
        together |= record | record.get("facts", {}) | {"code": code}
    return tags | _made_with(together)


def _made_with(record: Mapping[str, Any]) -> dict[str, str]:
    tags = {f"lineage.{key}": str(record[key]) for key in ("commit", "python", "machine", "device") if record.get(key)}
    if record.get("code"):
        tags["lineage.code"] = text_hash(json.dumps(record["code"], sort_keys=True))[:16]
    if "libraries" in record:
        tags["lineage.libraries"] = " ".join(f"{name}={one}" for name, one in record["libraries"].items())
    return tags


def _tell_unit(runs: Any, name: str, result: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Tell of a unit of the benchmark, which is finished."""
    asked = {"algorithm": result["algorithm"], "seed": result["seed"]} | dotted(result["parameters"])
    made_with = result["made_with"] | result["made_with"].get("processor", {}) | {"code": result["code"]}
    runs.begin(name, asked, dict(about) | _made_with(made_with) | {"data": json.dumps(result["data"])})
    judged = result["judged"]
    rows = [dict(zip(judged, values, strict=True)) for values in zip(*judged.values(), strict=True)]
    runs.measure(name, [(row["epoch"], {f"judged/{key}": one for key, one in row.items()}) for row in rows])
    runs.measure(name, [(epoch, {"seconds": one}) for epoch, one in enumerate(result["timing"]["epochs"], start=1)])
    runs.measure(name, [_scores({key: value for key, value in result.items() if key not in NO_SCORES})])
    runs.end(name, "FINISHED")


def _tell_failure(runs: Any, name: str, traceback: str | None, about: Mapping[str, Any]) -> None:
    """Tell of a unit that failed, and why; of one that has a result, there is no traceback."""
    if traceback is None:
        return
    algorithm, _, rest = name.partition(".seed")
    asked, why = {"algorithm": algorithm, "seed": rest.partition(".")[0]}, {"reason": Failure(traceback).reason}
    runs.begin(name, asked, dict(about) | why)
    runs.end(name, "FAILED")


def _tell_trial(runs: Any, name: str, record: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Tell of a trial of a search, however it ended."""
    asked = {key: record[key] for key in ("algorithm", "seed", "number")} | dotted(record["parameters"])
    tags = {key: record[key] for key in ("study", "state", "reason") if key in record}
    made_with = _made_with(record["made_with"] | {"code": record.get("code", {})})
    runs.begin(name, asked, dict(about) | made_with | tags | {"data": json.dumps(record["data"])})
    runs.measure(name, [(int(epoch), {"validated/score": score}) for epoch, score in record["curve"].items()])
    runs.measure(name, [(record["epoch"] or 0, {key: record[key] for key in ("score", "guard", "seconds")})])
    runs.end(name, "FAILED" if record["state"] == "failed" else "FINISHED")


UNITS: dict[str, Callable[..., None]] = {
    "benchmark_runs": _tell_unit,
    "failed_runs": _tell_failure,
    "hindsight_runs": _tell_unit,
    "hindsight_failures": _tell_failure,
    "tuning_trials": _tell_trial,
}
"""How results are told of that are saved one by one, by their dataset."""
