"""Training: source_*, target_train → {algorithm}.checkpoints, {algorithm}.history."""

from kedro.pipeline import Pipeline, node

from mnistm_da.adaptation.registry import ALGORITHMS

from ..template import for_algorithm, instantiate
from .nodes import train


def create_pipeline(algorithm: str) -> Pipeline:
    """Train one algorithm; target labels are connected only where the registry says so."""
    entry = ALGORITHMS[algorithm]
    inputs = ["source_train", "source_validation", "target_train"]
    inputs += [f"params:{name}" for name in ("algorithm", "network", "training", "selection", "seed", "device")]
    if entry.reads_target_labels:
        inputs.append("target_train_labels")
    return instantiate(
        [node(for_algorithm(train, algorithm), inputs, ["checkpoints", "history"], name="train")],
        algorithm,
        tags=["training", entry.family],
    )
