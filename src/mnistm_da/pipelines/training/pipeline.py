"""Training: source_*, target_train → {algorithm}.model, {algorithm}.history."""

from kedro.pipeline import Pipeline, node

from mnistm_da.adaptation.registry import ALGORITHMS

from ..binding import for_algorithm
from .nodes import train


def create_pipeline(algorithm: str) -> Pipeline:
    """Train one algorithm; target labels are connected only where the registry says so."""
    inputs = [
        "source_train",
        "source_validation",
        "target_train",
        f"params:{algorithm}",
        "params:network",
        "params:training",
        "params:seed",
        "params:device",
    ]
    if ALGORITHMS[algorithm].reads_target_labels:
        inputs.append("target_train_labels")
    return Pipeline(
        [
            node(
                for_algorithm(train, algorithm),
                inputs,
                [f"{algorithm}.model", f"{algorithm}.history"],
                name="train",
                namespace=algorithm,
            )
        ],
        tags=["training", ALGORITHMS[algorithm].family],
    )
