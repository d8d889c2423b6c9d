"""Training: source_*, target_train → {algorithm}.training_state → {algorithm}.checkpoints, .history, .timing."""

from kedro.pipeline import Pipeline, node

from mnistm_da.adaptation.registry import ALGORITHMS

from ..template import bind, instantiate
from .nodes import collect, train


def create_pipeline(algorithm: str) -> Pipeline:
    """Train one algorithm; the source, and target labels, are connected only where the registry says so."""
    entry = ALGORITHMS[algorithm]
    inputs = {name: name for name in ("target_train", "format")}
    if not entry.source_free:
        inputs |= {name: name for name in ("source_train", "source_validation")}
    inputs |= {name: f"params:{name}" for name in ("network", "training", "selection", "seed", "device", "resume")}
    inputs |= {"params": "params:algorithm", "earlier_state": "earlier_state"}
    if entry.target_labels == "all":
        inputs["target_train_labels"] = "target_train_labels"
    if entry.target_labels == "few":
        inputs |= {"target_few_labelled": "target_few_labelled", "few_labels": "params:few_labels"}
    others = {"earlier_state": f"{algorithm}.earlier_state"}
    if entry.starts_from:
        inputs["start_model"] = "start_model"
        others["start_model"] = f"{entry.starts_from}.model"
    return instantiate(
        [
            node(bind(train, algorithm=algorithm), inputs, "training_state", name="train"),
            node(collect, "training_state", ["checkpoints", "history", "timing"], name="collect"),
        ],
        algorithm,
        inputs=others,
        tags=["training", entry.family, *(["few-labels"] if entry.target_labels == "few" else [])],
    )
