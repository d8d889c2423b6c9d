"""Scores of a target that may have no labels."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mnistm_da.domains.reading import is_labelled
from mnistm_da.pipelines.lazy_types import DataFrame


def score_if_labelled(labels: np.ndarray, probabilities: np.ndarray, classes: Sequence[str]) -> dict[str, Any]:
    """Give what `score` gives, and how many images were taken for each class; without labels, nothing else is known.

    Args:
        labels: ``(N,)`` integers, places of ``classes``; or `UNLABELLED`, all of them.
        probabilities: ``(N, K)`` floats 0–1 whose rows sum to 1.
        classes: names of the K classes.

    Returns:
        The result of `score`. Without labels, its scores are None, and ``predicted`` has the number of images that were
        taken for each class, by its name.
    """
    from mnistm_da.adaptation.measures.scores import score

    if is_labelled(labels):
        return score(labels, probabilities, classes)
    counts = np.bincount(probabilities.argmax(axis=1), minlength=len(classes))
    return {
        "count": len(labels),
        "accuracy": None,
        "macro_f1": None,
        "per_class_recall": dict.fromkeys(classes),
        "confusion_matrix": None,
        "expected_calibration_error": None,
        "predicted": dict(zip(classes, counts.tolist(), strict=True)),
    }


def classified_otherwise(now: dict[str, Any], then: dict[str, Any]) -> int:
    """Count the images that two results of `score_if_labelled` classify differently: at least so many."""
    counts = [
        np.array(of["confusion_matrix"] if of["confusion_matrix"] is not None else list(of["predicted"].values()))
        for of in (now, then)
    ]
    if counts[0].shape != counts[1].shape:  # one is of labelled images, the other is not
        return int(now["count"])
    return int(np.abs(counts[0] - counts[1]).sum()) // 2


def picks(judged: DataFrame) -> dict[str, dict[str, float | int | None]]:
    """Give what `assess_validators` gives; without target labels, only which epochs are picked.

    Args:
        judged: of `judge`.
    """
    from mnistm_da.adaptation.measures.validators import VALIDATORS, assess_validators, choose
    from mnistm_da.parameters import LAST

    if judged["target_test_accuracy"].notna().all():
        return assess_validators(judged)
    names = [LAST, *(name for name in VALIDATORS if np.isfinite(judged[name]).any())]
    return {
        name: {"epoch": choose(judged, name), "target_test_accuracy": None, "rank_correlation": None} for name in names
    }
