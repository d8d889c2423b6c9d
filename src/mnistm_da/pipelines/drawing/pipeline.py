"""Drawing: splits, histories, scores, feature maps → figures and tables."""

from collections.abc import Collection

from kedro.pipeline import Node, Pipeline, node

from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.pipelines.drawing import nodes

from ..template import instantiate


def show_data() -> Pipeline:
    """Draw samples of both domains."""
    inputs = ["source_test", "target_test", "format", "params:titles"]
    return Pipeline([node(nodes.plot_samples, inputs, "sample_grid", name="plot_samples")], tags="drawing")


def create_pipeline(algorithm: str) -> Pipeline:
    """Draw one algorithm's training, its mistakes, and what could have been told of it without labels."""
    made: list[Node] = []
    if translated := ALGORITHMS[algorithm].translates:
        inputs = [translated, "translated", "format"]
        made = [node(nodes.plot_translations, inputs, "translations", name="plot_translations")]
    return instantiate(
        [
            *made,
            node(nodes.plot_validators, "judged", "validator_trust", name="plot_validators"),
            node(nodes.plot_history, ["history", "judged"], "training_curves", name="plot_history"),
            node(nodes.plot_confusion, ["metrics", "params:titles"], "confusion_matrix", name="plot_confusion"),
        ],
        algorithm,
        tags=["drawing"],
    )


def compare_with_bounds(algorithm: str, bounds: Collection[str]) -> Pipeline:
    """Set one adaptation beside source-only and, if the target has labels, trained-on-target, from the same run."""
    upper_bound = ["upper_bound"] if "target_only" in bounds else []
    return instantiate(
        [
            node(nodes.compare, ["lower_bound", "metrics", *upper_bound], "comparison", name="compare"),
            node(nodes.plot_comparison, "comparison", "comparison_bars", name="plot_comparison"),
            node(
                nodes.plot_overview,
                [
                    "source_test",
                    "target_test",
                    "format",
                    "embedding_before",
                    "embedding",
                    "lower_bound",
                    "metrics",
                    "params:titles",
                ],
                "overview",
                name="plot_overview",
            ),
        ],
        algorithm,
        inputs={
            "lower_bound": "source_only.metrics",
            **({"upper_bound": "target_only.metrics"} if upper_bound else {}),
            "embedding_before": "source_only.embedding",
            "metrics": f"{algorithm}.metrics",
            "embedding": f"{algorithm}.embedding",
        },
        tags=["drawing"],
    )
