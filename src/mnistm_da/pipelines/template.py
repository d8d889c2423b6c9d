"""How a stage is written once and instantiated for every algorithm."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from kedro.pipeline import Node, Pipeline

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


def bind(function: Callable[..., Any], **arguments: Any) -> Callable[..., Any]:
    """Bind arguments of a node function, and keep its type hints, which Kedro reads to check parameters.

    A closure would have them too, but cannot be sent to the workers of the ParallelRunner.
    """
    bound = partial(function, **arguments)
    bound.__annotations__ = function.__annotations__
    bound.__name__ = function.__name__  # type: ignore[attr-defined]
    bound.__doc__ = function.__doc__
    return bound
