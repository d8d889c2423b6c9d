"""Training: source_*, target_train → {algorithm}.training_state → {algorithm}.checkpoints, .history, .timing."""

from functools import partial

from kedro.pipeline import Pipeline, node

from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.viz.previews import describe, draw_network

from ..template import for_algorithm, instantiate
from .nodes import collect, train


def create_pipeline(algorithm: str) -> Pipeline:
    """Train one algorithm; target labels are connected only where the registry says so."""
    entry = ALGORITHMS[algorithm]
    inputs = {name: name for name in ("source_train", "source_validation", "target_train", "format")}
    inputs |= {name: f"params:{name}" for name in ("network", "training", "selection", "seed", "device", "resume")}
    inputs |= {"params": "params:algorithm", "earlier_state": "earlier_state"}
    if entry.target_labels == "all":
        inputs["target_train_labels"] = "target_train_labels"
    if entry.target_labels == "few":
        inputs |= {"target_few_labelled": "target_few_labelled", "few_labels": "params:few_labels"}
    return instantiate(
        [
            node(
                for_algorithm(train, algorithm),
                inputs,
                "training_state",
                name="train",
                preview_fn=partial(draw_network, algorithm),
            ),
            node(
                collect,
                "training_state",
                ["checkpoints", "history", "timing"],
                name="collect",
                # The training's own preview is a drawing; what its parameters mean is told here.
                preview_fn=partial(describe, collect, (f"params:{algorithm}", "params:network", "params:training")),
            ),
        ],
        algorithm,
        inputs={"earlier_state": f"{algorithm}.earlier_state"},
        tags=["training", entry.family],
    )
