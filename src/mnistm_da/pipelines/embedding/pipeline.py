"""Embedding: {algorithm}.features → {algorithm}.embedding."""

from kedro.pipeline import Pipeline, node

from .nodes import embed


def create_pipeline(algorithm: str) -> Pipeline:
    """Map one algorithm's features of both domains to the plane."""
    return Pipeline(
        [
            node(
                embed,
                [f"{algorithm}.features", "source_test", "target_test", "params:embedding", "params:seed"],
                f"{algorithm}.embedding",
                name="embed",
                namespace=algorithm,
            )
        ],
        tags="embedding",
    )
