"""Draw what the other stages made."""

from typing import Any

import numpy as np

from mnistm_da.domains.several import taking_turns
from mnistm_da.parameters import TitleParams
from mnistm_da.pipelines.lazy_types import DataFrame, Figure, PlotlyFigure

Arrays = dict[str, np.ndarray]


def plot_samples(source_test: Arrays, target_test: Arrays, format: dict[str, Any], titles: TitleParams) -> Figure:
    """Draw test images of both domains, a column per class."""
    from mnistm_da.adaptation.figures.sample_grid import sample_grid

    source_test = taking_turns(source_test)
    return sample_grid(
        source_test["images"],
        source_test["labels"],
        target_test["images"],
        target_test["labels"],
        format["classes"],
        source_title=f"{titles.source} (source)",
        target_title=f"{titles.target} (target)",
    )


def plot_history(history: DataFrame, judged: DataFrame) -> PlotlyFigure:
    """Draw loss terms and accuracies by epoch."""
    from mnistm_da.adaptation.figures import curves

    return curves.training_curves(history, judged)


def plot_confusion(metrics: dict[str, Any], titles: TitleParams) -> Figure:
    """Draw the confusion matrix of the target test split; of the source's, where the target has no labels."""
    from mnistm_da.adaptation.figures import charts

    test, domain = metrics["target_test"], titles.target
    if test["accuracy"] is None:
        test, domain = metrics["source_test"], f"{titles.source} (the target has no labels)"
    title = f"{metrics['algorithm']} on {domain} test: {test['accuracy']:.1%} right"
    return charts.confusion_matrix(np.array(test["confusion_matrix"]), list(test["per_class_recall"]), title)


def plot_validators(judged: DataFrame) -> PlotlyFigure:
    """Draw the checkpoints' label-free scores against their target test accuracy; if that is unknown, by epoch."""
    from mnistm_da.adaptation.figures import curves

    return curves.validator_trust(judged)


def plot_translations(test: Arrays, translated: Arrays, format: dict[str, Any]) -> Figure:
    """Draw test images and what they were translated to, a column per class."""
    from mnistm_da.adaptation.figures.sample_grid import sample_grid

    return sample_grid(
        test["images"],
        test["labels"],
        translated["images"],
        test["labels"],
        format["classes"],
        source_title="test images",
        target_title="the same, translated",
    )


def plot_overview(
    source_test: Arrays,
    target_test: Arrays,
    format: dict[str, Any],
    before: DataFrame,
    after: DataFrame,
    metrics_before: dict[str, Any],
    metrics: dict[str, Any],
    titles: TitleParams,
) -> Figure:
    """Draw both domains and the feature maps before and after adaptation, in one picture with the accuracies."""
    from mnistm_da.adaptation.figures.overview import overview
    from mnistm_da.adaptation.measures.projection import align

    source_test = taking_turns(source_test)
    right = [_right(scores["target_test"]["accuracy"]) for scores in (metrics_before, metrics)]
    return overview(
        (f"source: {titles.source}", source_test["images"], source_test["labels"]),
        (f"target: {titles.target}", target_test["images"], target_test["labels"]),
        format["classes"],
        [
            (f"before: source only\n{right[0]}", before),
            (f"after: {metrics['algorithm']}\n{right[1]}", align(after, before)),
        ],
    )


def _right(accuracy: float | None) -> str:
    return "the target has no labels" if accuracy is None else f"{accuracy:.1%} right on the target"


def compare(*metrics: dict[str, Any]) -> DataFrame:
    """Put the scores of several algorithms into one table, a row each."""
    import pandas as pd

    table = pd.DataFrame(
        {
            "algorithm": scores["algorithm"],
            "source_test_accuracy": scores["source_test"]["accuracy"],
            "target_test_accuracy": scores["target_test"]["accuracy"],
            "selection": scores["selection"],
            "target_test_accuracy_of_oracle_pick": scores["picks"].get("oracle", {}).get("target_test_accuracy"),
            "target_test_macro_f1": scores["target_test"]["macro_f1"],
            "target_test_calibration_error": scores["target_test"]["expected_calibration_error"],
            "target_test_accuracy_estimated_by_atc": scores.get("estimated_accuracy", {}).get("atc"),
            "target_test_accuracy_estimated_by_doc": scores.get("estimated_accuracy", {}).get("doc"),
            "proxy_a_distance": scores["proxy_a_distance"],
            "epochs": scores["epochs"],
            "seed": scores["seed"],
        }
        for scores in metrics
    )
    unknown = [
        name for name in map(str, table) if name.startswith("target_test")
    ]  # None where the target has no labels
    return table.astype(dict.fromkeys(unknown, float))


def plot_comparison(comparison: DataFrame) -> Figure:
    """Draw the accuracies of the compared algorithms as bars."""
    from mnistm_da.adaptation.figures import charts

    return charts.comparison_bars(comparison)
