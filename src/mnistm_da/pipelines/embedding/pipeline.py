"""Embedding: {algorithm}.model, *_test → {algorithm}.features → {algorithm}.embedding."""

from kedro.pipeline import Pipeline, node

from ..template import instantiate
from .nodes import embed, extract_features


def create_pipeline(algorithm: str) -> Pipeline:
    """Map one algorithm's features of both domains to the plane."""
    tests = ["source_test", "target_test"]
    return instantiate(
        [
            node(
                extract_features,
                ["model", *tests, "params:embedding.samples", "params:embedding.layer", "params:device"],
                "features",
                name="extract_features",
            ),
            node(embed, ["features", *tests, "params:embedding", "params:seed"], "embedding", name="embed"),
        ],
        algorithm,
        tags=["embedding"],
    )
