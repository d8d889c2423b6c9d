"""Reporting: splits, histories, scores, embeddings → figures and tables."""

from kedro.pipeline import Pipeline, node

from ..binding import for_algorithm
from . import nodes


def show_data() -> Pipeline:
    """Draw samples of both domains."""
    return Pipeline(
        [
            node(
                nodes.plot_samples,
                ["source_test", "target_test", "params:titles"],
                "sample_grid",
                name="plot_samples",
            )
        ],
        tags="reporting",
    )


def create_pipeline(algorithm: str) -> Pipeline:
    """Draw one algorithm's training and its mistakes."""
    return Pipeline(
        [
            node(
                nodes.plot_history,
                f"{algorithm}.history",
                f"{algorithm}.training_curves",
                name="plot_history",
                namespace=algorithm,
            ),
            node(
                nodes.plot_confusion,
                [f"{algorithm}.metrics", "params:titles"],
                f"{algorithm}.confusion_matrix",
                name="plot_confusion",
                namespace=algorithm,
            ),
        ],
        tags="reporting",
    )


def compare_with_bounds(algorithm: str) -> Pipeline:
    """Set one adaptation beside source-only and trained-on-target, from the same run."""
    return Pipeline(
        [
            node(
                nodes.compare,
                ["source_only.metrics", f"{algorithm}.metrics", "target_only.metrics"],
                f"{algorithm}.comparison",
                name="compare",
                namespace=algorithm,
            ),
            node(
                nodes.plot_comparison,
                f"{algorithm}.comparison",
                f"{algorithm}.comparison_bars",
                name="plot_comparison",
                namespace=algorithm,
            ),
            node(
                for_algorithm(nodes.plot_embeddings, algorithm),
                ["source_only.embedding", f"{algorithm}.embedding"],
                f"{algorithm}.embeddings",
                name="plot_embeddings",
                namespace=algorithm,
            ),
        ],
        tags="reporting",
    )
