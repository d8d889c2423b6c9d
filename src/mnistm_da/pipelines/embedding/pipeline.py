"""Embedding: {algorithm}.features → {algorithm}.embedding."""

from kedro.pipeline import Pipeline, node

from ..template import instantiate
from .nodes import embed


def create_pipeline(algorithm: str) -> Pipeline:
    """Map one algorithm's features of both domains to the plane."""
    inputs = ["features", "source_test", "target_test", "params:embedding", "params:seed"]
    return instantiate([node(embed, inputs, "embedding", name="embed")], algorithm, tags=["embedding"])
