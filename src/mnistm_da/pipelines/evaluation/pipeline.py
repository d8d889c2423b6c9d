"""Evaluation: {algorithm}.model, *_test → {algorithm}.predictions, .features, .judged, .metrics."""

from kedro.pipeline import Node, Pipeline, node

from mnistm_da.adaptation.registry import ALGORITHMS

from ..template import for_algorithm, instantiate
from .nodes import evaluate, judge, predict, translate


def create_pipeline(algorithm: str) -> Pipeline:
    """Predict the test splits with one algorithm's model and score it."""
    build = [f"params:{name}" for name in ("algorithm", "network", "training")]
    made: list[Node] = []
    if translated := ALGORITHMS[algorithm].translates:
        inputs = ["model", translated, *build, "params:seed", "params:device"]
        made = [node(for_algorithm(translate, algorithm), inputs, "translated", name="translate")]
    return instantiate(
        [
            *made,
            node(
                for_algorithm(judge, algorithm),
                ["checkpoints", "validation", "target_test", *build, "params:device"],
                "judged",
                name="judge",
            ),
            node(
                for_algorithm(predict, algorithm),
                [
                    "model",
                    "source_test",
                    "target_test",
                    *build,
                    "params:embedding.samples",
                    "params:seed",
                    "params:device",
                ],
                ["predictions", "features"],
                name="predict",
            ),
            node(
                for_algorithm(evaluate, algorithm),
                [
                    "predictions",
                    "features",
                    "source_test",
                    "target_test",
                    "history",
                    "judged",
                    "params:selection",
                    "params:seed",
                ],
                "metrics",
                name="evaluate",
            ),
        ],
        algorithm,
        tags=["evaluation"],
    )
