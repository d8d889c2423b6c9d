"""What kedro-viz shows at a click on a node: for a training, its networks; for any other, what it does.

kedro-viz has no separate place for a description, and a parameter has not even a preview. So a node's preview also
explains the models of the parameters that the node reads.
"""

import inspect
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

from kedro.io import DatasetError
from kedro.pipeline import Node, Pipeline
from kedro.pipeline.preview_contract import MermaidPreview, Meta, TextPreview

from mnistm_da.adaptation.registry import ALGORITHMS, algorithm_class
from mnistm_da.domains.format import DIGITS
from mnistm_da.kedro_private import with_preview
from mnistm_da.parameters import TYPED, AlgorithmParams, NetworkParams

from . import kedro_viz_private

STYLE: Meta = {
    "flowchart": {
        "useMaxWidth": False,
        "nodeSpacing": 20,
        "rankSpacing": 24,
        "padding": 8,
        "wrappingWidth": 500,
        "subGraphTitleMargin": {"top": 4, "bottom": 12},
    },
    "textStyle": {"whiteSpace": "nowrap", "padding": "0"},
}
"""Of the drawings: large enough to read, with the line breaks that are in them."""


def with_previews(pipelines: dict[str, Pipeline]) -> None:
    """Give every node its preview, in place."""
    nodes = {node.name: node for pipeline in pipelines.values() for node in pipeline.nodes}
    shown = {name: with_preview(node, _preview(node, nodes)) for name, node in nodes.items()}
    for name, pipeline in pipelines.items():
        pipelines[name] = Pipeline([shown[node.name] for node in pipeline.nodes])


def _preview(node: Node, nodes: Mapping[str, Node]) -> Callable[[], MermaidPreview | TextPreview]:
    """Draw the network at a training; what the training's parameters mean is told at the node that follows it."""
    if node.namespace and node.name == f"{node.namespace}.train":
        return partial(draw_network, node.namespace)
    trains = [nodes[f"{node.namespace}.train"]] if node.name == f"{node.namespace}.collect" else []
    return partial(describe, node.func, tuple(name for one in (node, *trains) for name in one.inputs))


def describe(function: Callable[..., Any], inputs: Collection[str]) -> TextPreview:
    """Give a node function's documentation, and that of the parameters among its inputs."""
    parts = [inspect.getdoc(function) or ""]
    for name in sorted(name.removeprefix("params:") for name in inputs if name.startswith("params:")):
        model = TYPED.get(name) or (algorithm_class(name).Params if name in ALGORITHMS else None)
        if model:
            parts.append(f"— {name} —\n{inspect.getdoc(model)}")
        if model and issubclass(model, AlgorithmParams) and model is not AlgorithmParams:
            parts.append(f"— of every algorithm —\n{inspect.getdoc(AlgorithmParams)}")
    return TextPreview(without_marks("\n\n".join(parts)))


def without_marks(text: str) -> str:
    """Take out the back-ticks around names, which kedro-viz would show as they are."""
    return text.replace("`", "")


def draw_network(algorithm: str) -> MermaidPreview:
    """Draw an algorithm's networks as its parameters make them."""
    from mnistm_da.adaptation.figures.diagram import draw
    from mnistm_da.adaptation.models.loading import build

    own, network = (_configured(name) for name in (algorithm, "network"))
    built = build(algorithm_class(algorithm), own, NetworkParams.model_validate(network), DIGITS, seed=0)
    return MermaidPreview(draw(built, ALGORITHMS[algorithm].target_labels), meta=STYLE)


def _configured(name: str) -> dict[str, Any]:
    """Give a parameter as kedro-viz was started with it; outside of kedro-viz nothing, which means the defaults."""
    try:
        found: dict[str, Any] = kedro_viz_private.shown_catalog().load(f"params:{name}")
    except (AttributeError, DatasetError):
        return {}
    return found
