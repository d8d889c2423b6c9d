"""Evaluation: {algorithm}.model, *_test → {algorithm}.predictions, .features, .metrics."""

from kedro.pipeline import Pipeline, node

from ..template import for_algorithm, instantiate
from .nodes import evaluate, predict


def create_pipeline(algorithm: str) -> Pipeline:
    """Predict the test splits with one algorithm's model and score it."""
    parameters = [f"params:{name}" for name in ("algorithm", "network", "training", "embedding", "seed", "device")]
    return instantiate(
        [
            node(
                for_algorithm(predict, algorithm),
                ["model", "source_test", "target_test", *parameters],
                ["predictions", "features"],
                name="predict",
            ),
            node(
                for_algorithm(evaluate, algorithm),
                ["predictions", "features", "source_test", "target_test", "history", "params:seed"],
                "metrics",
                name="evaluate",
            ),
        ],
        algorithm,
        tags=["evaluation"],
    )
