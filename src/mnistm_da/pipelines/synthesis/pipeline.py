"""Synthesis: digits, photos → mnist_m."""

from kedro.pipeline import Pipeline, node

from .nodes import synthesize_mnist_m


def create_pipeline() -> Pipeline:
    """Blend the target domain."""
    return Pipeline(
        [
            node(
                synthesize_mnist_m,
                ["digits", "photos", "params:synthesis", "params:seed"],
                "mnist_m",
                name="synthesize_mnist_m",
            )
        ],
        tags="synthesis",
    )
