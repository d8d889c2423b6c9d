"""How a stage is written once and instantiated for every algorithm."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from inspect import signature
from typing import Any

from kedro.pipeline import Node, Pipeline

from mnistm_da.adaptation.networks.registry import ARCHITECTURES, architecture_class
from mnistm_da.adaptation.registry import ALGORITHMS, algorithm_class

SHARED_DATASETS = (
    "source_train",
    "source_validation",
    "source_test",
    "target_train",
    "target_validation",
    "target_train_labels",
    "target_few_labelled",
    "target_test",
    "format",
)

SHARED_PARAMETERS = (
    "network",
    "training",
    "few_labels",
    "selection",
    "embedding",
    "embedding.samples",
    "titles",
    "seed",
    "device",
    "resume",
)


def instantiate(
    nodes: Iterable[Node], algorithm: str, *, tags: Iterable[str], inputs: Mapping[str, str] | None = None
) -> Pipeline:
    """Put the nodes of a stage into the namespace of one algorithm.

    The shared datasets and parameters keep their names; ``params:algorithm`` becomes the algorithm's own parameters.
    A shared name that is missing above would silently become ``params:dann.seed``: the project's tests look for it.

    Args:
        nodes: of the stage, with names free of any algorithm.
        algorithm: name in the registry, and of the namespace.
        tags: of the nodes.
        inputs: datasets of other algorithms, by the name the nodes have for them.
    """
    nodes = list(nodes)
    used = {name for node in nodes for name in node.inputs}
    parameters = {f"params:{name}": f"params:{name}" for name in SHARED_PARAMETERS}
    parameters["params:algorithm"] = f"params:{algorithm}"
    kept = {name: name for name in SHARED_DATASETS} | dict(inputs or {})
    return Pipeline(
        nodes,
        namespace=algorithm,
        inputs={name: mapped for name, mapped in kept.items() if name in used},
        parameters={name: mapped for name, mapped in parameters.items() if name in used},
        tags=list(tags),
    )


def for_algorithm(function: Callable[..., Any], algorithm: str) -> Callable[..., Any]:
    """Say of a node function that it uses this algorithm; bind its keyword ``algorithm``, if it has one.

    A node that trains has the keyword; one that makes a saved model again reads the name from the model.
    Kedro reads a node's type hints to check its parameters, and a bare ``partial`` has none; a closure would have
    them, but cannot be sent to the workers of the ParallelRunner.
    """
    bound = _bind(function, **({"algorithm": algorithm} if "algorithm" in signature(function).parameters else {}))
    # For the fingerprint of the code: of all algorithms that a name can choose, it is this one.
    chooses = f"{algorithm_class.__module__}:{algorithm_class.__name__}"
    bound.instead = {chooses: _symbol(algorithm)}  # type: ignore[attr-defined]
    bound.also = _architectures()  # type: ignore[attr-defined]
    return bound


def for_any_algorithm(function: Callable[..., Any]) -> Callable[..., Any]:
    """Say of a node function that chooses an algorithm when it runs that it depends on the code of all of them."""
    bound = _bind(function)
    bound.also = (*sorted({_symbol(name) for name in ALGORITHMS}), *_architectures())  # type: ignore[attr-defined]
    return bound


class _Bound(partial):
    """A partial that keeps its attributes on the way to a worker: multiprocessing takes them from a plain one."""


def _bind(function: Callable[..., Any], **arguments: Any) -> Callable[..., Any]:
    bound = _Bound(function, **arguments)
    bound.__annotations__ = function.__annotations__
    bound.__name__ = function.__name__  # type: ignore[attr-defined]
    bound.__doc__ = function.__doc__
    return bound


def _symbol(algorithm: str) -> str:
    module, class_name = ALGORITHMS[algorithm].path.split(":")
    return f"{algorithm_class.__module__.rpartition('.')[0]}.algorithms.{module}:{class_name}"


def _architectures() -> tuple[str, ...]:
    """Give the symbols of all architectures: which one a node uses, its parameters or its model say when it runs."""
    package = architecture_class.__module__.rpartition(".")[0]
    return tuple(f"{package}.{path}" for path in ARCHITECTURES.values())
