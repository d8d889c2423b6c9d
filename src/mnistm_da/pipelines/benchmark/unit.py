"""A unit of work: the registered pipeline of one algorithm, run with one seed on a catalog in memory.

No stage is called by hand, so a unit gives the scores that `kedro run` gives.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

import numpy as np
from kedro.io import AbstractDataset, DataCatalog, MemoryDataset
from kedro.pipeline import Pipeline
from kedro.runner import SequentialRunner

from mnistm_da.adaptation.registry import trained_in_order
from mnistm_da.lineage.code import fingerprint
from mnistm_da.parameters import TYPED
from mnistm_da.pipelines.lazy_types import DataFrame

Arrays = dict[str, np.ndarray]

SCORES = ("metrics", "judged", "timing")
"""The scores that are wanted of an algorithm; only the nodes that lead to them are run."""


class _Watched(MemoryDataset):
    """Data in memory; a function is told of every save."""

    def __init__(self, on_save: Callable[[Any], None]) -> None:
        self._on_save = on_save
        super().__init__(copy_mode="assign")

    def save(self, data: Any) -> None:
        self._on_save(data)
        super().save(data)


def run_unit(
    algorithm: str,
    seed: int,
    parameters: Mapping[str, Any],
    data: Mapping[str, Any],
    earlier_state: Callable[[str], Arrays | None],
    on_state: Callable[[str, Arrays], None],
) -> dict[str, Any]:
    """Train and score one algorithm.

    Args:
        algorithm: name in the registry.
        seed: of everything random; ``parameters["seed"]`` is not read.
        parameters: of the run, as the configuration gives them.
        data: datasets by name that need not be made: the nodes that make them are left out.
        earlier_state: see `run_parts`.
        on_state: see `run_parts`.

    Returns:
        The scores of `evaluate`; the columns of `judge`'s table of all checkpoints as ``judged``, None where a
        validator gave no finite score; and `collect`'s ``timing``.
    """
    found = run_parts(algorithm, SCORES, seed, parameters, data, earlier_state, on_state)
    return found["metrics"] | {"judged": columns(found["judged"]), "timing": found["timing"]}


def run_parts(
    algorithm: str,
    parts: Collection[str],
    seed: int,
    parameters: Mapping[str, Any],
    data: Mapping[str, Any],
    earlier_state: Callable[[str], Arrays | None],
    on_state: Callable[[str, Arrays], None],
    on_save: Mapping[str, Callable[[Any], None]] | None = None,
) -> dict[str, Any]:
    """Run what leads to some datasets of an algorithm, such as ``validation``, and give these by name.

    Args:
        algorithm: name in the registry.
        parts: names of the datasets, without that of the algorithm.
        seed: see `run_unit`.
        parameters: of the run.
        data: datasets by name that need not be made.
        earlier_state: gives the state of a stopped training by the name of its algorithm: this one, or one that is
            trained before. It is called when that training begins.
        on_state: is given that name and the state of the training, after every epoch.
        on_save: functions that are given other datasets as soon as they are made, by the names of these.
    """
    found: dict[str, Any] = {}
    watched: dict[str, AbstractDataset] = {
        f"{algorithm}.{name}": _Watched(partial(found.__setitem__, name)) for name in parts
    }
    unit = unit_pipeline(algorithm, data, parts)
    watched |= {name: _Watched(tell) for name, tell in (on_save or {}).items() if name in unit.all_outputs()}
    given = dict(data)
    for name in trained_in_order(algorithm):
        watched[f"{name}.training_state"] = _Watched(partial(on_state, name))
        given[f"{name}.earlier_state"] = partial(earlier_state, name)
    _run(unit, seed, parameters, given, watched)
    return found


def check_unit(algorithm: str, seed: int, parameters: Mapping[str, Any], data: Mapping[str, Any]) -> None:
    """Run the nodes before the training, so that what they refuse is told before anything is trained."""
    unit, train = unit_pipeline(algorithm, data), f"{algorithm}.train"
    _run(unit.to_nodes(train) - unit.only_nodes(train), seed, parameters, data, {})


def unit_pipeline(algorithm: str, given: Collection[str] = (), parts: Collection[str] = SCORES) -> Pipeline:
    """Give what makes an algorithm's scores, or other parts, of its registered pipeline; not what makes ``given``."""
    from mnistm_da.pipeline_registry import register_pipelines  # not above: it imports the benchmark's pipeline

    scores = [f"{algorithm}.{name}" for name in parts]
    whole = register_pipelines()[algorithm].to_outputs(*scores)
    return Pipeline([node for node in whole.nodes if not set(node.outputs) <= set(given)]).to_outputs(*scores)


def code_of(pipeline: Pipeline) -> dict[str, str]:
    """Give a hash per file of the package of what the nodes of a pipeline reach there, as `fingerprint` does of one."""
    by_file: dict[str, set[str]] = {}
    for node in pipeline.nodes:
        for path, found in fingerprint(node.func, __name__.partition(".")[0], node.namespace).items():
            by_file.setdefault(path, set()).add(found)
    return {path: hashlib.sha256(" ".join(sorted(found)).encode()).hexdigest()[:16] for path, found in by_file.items()}


def _run(
    pipeline: Pipeline,
    seed: int,
    parameters: Mapping[str, Any],
    given: Mapping[str, Any],
    watched: dict[str, AbstractDataset],
) -> None:
    # Assigned, not copied: nodes do not change their inputs.
    datasets: dict[str, Any] = {name: MemoryDataset(copy_mode="assign") for name in pipeline.all_outputs()}
    datasets |= {name: MemoryDataset(value, copy_mode="assign") for name, value in given.items()}
    said = {**parameters, "seed": seed, "resume": True}
    for name in pipeline.inputs():
        if name.startswith("params:"):
            datasets[name] = MemoryDataset(_parameter(name.removeprefix("params:"), said), copy_mode="assign")
    SequentialRunner().run(pipeline, DataCatalog(datasets | watched))


def _parameter(name: str, parameters: Mapping[str, Any]) -> Any:
    """Give a parameter as Kedro does: a section that has a model as that, and one of its values by a dotted name."""
    section, *rest = name.split(".")
    value = TYPED[section](**parameters[section]) if section in TYPED else parameters[section]
    for key in rest:
        value = value[key] if isinstance(value, Mapping) else getattr(value, key)
    return value


def columns(table: DataFrame) -> dict[str, list[float | None]]:
    """Give a table of numbers as lists by column; None in the place of a number that is not finite."""
    finite = table.astype(object).where(np.isfinite(table), None)
    return {str(name): list(values) for name, values in finite.items()}
