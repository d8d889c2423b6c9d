"""How a stage is written once and instantiated for every algorithm."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from kedro.pipeline import Node, Pipeline

OF_ALL_ALGORITHMS = ("source_", "target_")
"""How the names of the splits begin, which are the same for every algorithm; so is ``format``."""


def instantiate(
    nodes: Iterable[Node], algorithm: str, *, tags: Iterable[str], inputs: Mapping[str, str] | None = None
) -> Pipeline:
    """Put the nodes of a stage into the namespace of one algorithm.

    The splits, ``format`` and all parameters keep their names; ``params:algorithm`` becomes the algorithm's parameters.

    Args:
        nodes: of the stage, with names free of any algorithm.
        algorithm: name in the registry, and of the namespace.
        tags: of the nodes.
        inputs: datasets of other algorithms, by the name the nodes have for them.
    """
    nodes = list(nodes)
    used = {name for node in nodes for name in node.inputs}
    parameters = {name: name for name in used if name.startswith("params:")} | {
        "params:algorithm": f"params:{algorithm}"
    }
    shared = {name: name for name in used if name.startswith(OF_ALL_ALGORITHMS) or name == "format"}
    return Pipeline(
        nodes,
        namespace=algorithm,
        inputs={name: mapped for name, mapped in (shared | dict(inputs or {})).items() if name in used},
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
