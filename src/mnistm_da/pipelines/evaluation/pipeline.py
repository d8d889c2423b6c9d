"""Evaluation: {algorithm}.model, *_test → {algorithm}.predictions, .domain_features, .judged, .metrics."""

from kedro.pipeline import Node, Pipeline, node

from mnistm_da.adaptation.registry import ALGORITHMS

from ..template import instantiate
from .nodes import evaluate, judge, predict, translate


def create_pipeline(algorithm: str) -> Pipeline:
    """Predict the test splits with one algorithm's model and score it."""
    made: list[Node] = []
    if translated := ALGORITHMS[algorithm].translates:
        inputs = ["model", translated, "params:device"]
        made = [node(translate, inputs, "translated", name="translate")]
    return instantiate(
        [
            *made,
            node(
                judge,
                ["checkpoints", "validation", "target_test", "params:device"],
                "judged",
                name="judge",
            ),
            node(
                predict,
                ["model", "source_validation", "source_test", "target_test", "params:device"],
                ["predictions", "domain_features"],
                name="predict",
            ),
            node(
                evaluate,
                [
                    "model",
                    "predictions",
                    "domain_features",
                    "source_validation",
                    "source_test",
                    "target_test",
                    "history",
                    "judged",
                ],
                "metrics",
                name="evaluate",
            ),
        ],
        algorithm,
        tags=["evaluation"],
    )
