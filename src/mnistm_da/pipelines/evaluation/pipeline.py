"""Evaluation: {algorithm}.model, *_test → {algorithm}.predictions, .features, .metrics."""

from kedro.pipeline import Pipeline, node

from ..binding import for_algorithm
from .nodes import evaluate, predict


def create_pipeline(algorithm: str) -> Pipeline:
    """Predict the test splits with one algorithm's model and score it."""
    return Pipeline(
        [
            node(
                for_algorithm(predict, algorithm),
                [
                    f"{algorithm}.model",
                    "source_test",
                    "target_test",
                    f"params:{algorithm}",
                    "params:network",
                    "params:training",
                    "params:embedding",
                    "params:seed",
                    "params:device",
                ],
                [f"{algorithm}.predictions", f"{algorithm}.features"],
                name="predict",
                namespace=algorithm,
            ),
            node(
                for_algorithm(evaluate, algorithm),
                [
                    f"{algorithm}.predictions",
                    f"{algorithm}.features",
                    "source_test",
                    "target_test",
                    f"{algorithm}.history",
                    "params:seed",
                ],
                f"{algorithm}.metrics",
                name="evaluate",
                namespace=algorithm,
            ),
        ],
        tags="evaluation",
    )
