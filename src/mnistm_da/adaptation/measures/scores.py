"""Scores of a classifier on one domain, and how far apart two domains lie in its features.

Everything here reads labels, so training and label-free selection never call `score`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

CALIBRATION_BINS = 15
"""Equal-width confidence bins of the calibration error, as many as in Guo et al. 2017."""

DOMAIN_SAMPLES = 2000
"""Most images of each domain that `proxy_a_distance` looks at: its standard error is then at most 0.045."""

DOMAIN_CLASSIFIER_C = 0.01
"""Inverse L2 strength of the domain classifier. With 800 correlated features and 2,000 training images, 1 overfits
(it halves the distance of overlapping domains) and 0.0001 misses a difference along a direction of small variance."""


def score(labels: np.ndarray, probabilities: np.ndarray, classes: Sequence[str]) -> dict[str, Any]:
    """Compare predicted class probabilities with the true classes.

    Args:
        labels: ``(N,)`` integers, places of ``classes``.
        probabilities: ``(N, K)`` floats 0–1 whose rows sum to 1; the most probable class is the prediction.
        classes: names of the K classes.

    Returns:
        A record of plain Python values, ready for JSON:

        - ``count``: N.
        - ``accuracy``: fraction 0–1 of right predictions.
        - ``macro_f1``: mean of the classes' F1 = 2·TP / (2·TP + FP + FN), over the classes that occur among the
          labels or the predictions (elsewhere F1 is 0/0).
        - ``per_class_recall``: fractions by the class's name, in their order; None for one that no label has.
        - ``confusion_matrix``: K rows (true class) of K counts (predicted class).
        - ``expected_calibration_error``: fraction 0–1, see `calibration_error`.

    Raises:
        ValueError: no rows, shapes that do not fit, labels that are not places of classes, or rows that are not
            probabilities (logits, say).
    """
    count = len(classes)
    labels, probabilities = _check_predictions(labels, probabilities, count)
    predictions = probabilities.argmax(axis=1)
    confusion = np.bincount(count * labels + predictions, minlength=count**2).reshape(count, count)
    right, true, predicted = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
    occurs = true + predicted > 0
    return {
        "count": len(labels),
        "accuracy": float(right.sum() / len(labels)),
        "macro_f1": float((2 * right[occurs] / (true + predicted)[occurs]).mean()),
        "per_class_recall": {
            name: float(right[label] / true[label]) if true[label] else None for label, name in enumerate(classes)
        },
        "confusion_matrix": confusion.tolist(),
        "expected_calibration_error": calibration_error(predictions == labels, probabilities.max(axis=1)),
    }


def calibration_error(correct: np.ndarray, confidence: np.ndarray) -> float:
    """Give the gap between how sure and how right the predictions are (expected calibration error).

    Guo et al., "On Calibration of Modern Neural Networks", ICML 2017 (arXiv 1706.04599), eq. 3:
    ``Σ_m |B_m|/N · |accuracy(B_m) − confidence(B_m)|`` over the bins ``B_m`` of confidences in ((m−1)/M, m/M].

    Args:
        correct: ``(N,)`` bool, whether each prediction is right.
        confidence: ``(N,)`` floats 0–1, the probability each prediction was given.

    Returns:
        A fraction 0–1; 0 is perfectly calibrated.
    """
    inner_edges = np.linspace(0, 1, CALIBRATION_BINS + 1)[1:-1]
    bins = np.digitize(confidence, inner_edges, right=True)
    # |B_m| times the gap of the means is the sum of the gaps, so no bin is divided by its own (maybe zero) count.
    gaps = np.bincount(bins, weights=correct - confidence)
    return float(np.abs(gaps).sum() / len(correct))


def proxy_a_distance(source_features: np.ndarray, target_features: np.ndarray, seed: int) -> float:
    """Measure how well a linear classifier tells the domains apart: ``2(1 − 2ε)``, ε its held-out error.

    Ben-David et al., "Analysis of Representations for Domain Adaptation", NeurIPS 2006 (proceedings 2007);
    used on learned features by Ganin et al., JMLR 2016 (arXiv 1505.07818), §3.2 "Proxy Distance".

    The classifier is logistic regression with a fixed L2 penalty, on features standardised by the training
    half. At most `DOMAIN_SAMPLES` images of each domain are drawn, the same number from both, so that chance is ε = ½.
    Half of them train the classifier, and the other half measure ε.

    Args:
        source_features: ``(Ns, D)`` floats, finite.
        target_features: ``(Nt, D)`` floats, finite.
        seed: picks the images and their halves; same seed, same value.

    Returns:
        A number from 0 (indistinguishable; worse than chance counts as chance) to 2 (linearly separable).

    Raises:
        ValueError: features that `check_features` refuses, or fewer than two images in a domain.
    """
    source, target = check_features(source_features, target_features)
    count = min(len(source), len(target), DOMAIN_SAMPLES)
    half = count // 2
    if not half:
        raise ValueError(f"need at least 2 images of each domain, got {len(source)} and {len(target)}")
    # Both domains are shuffled alike. In the standard protocol, source and target have the same digits in the same
    # order. So a digit that trains the classifier does not come again, in the other domain, among those that measure ε.
    source, target = (domain[np.random.default_rng(seed).permutation(len(domain))] for domain in (source, target))
    train = np.concatenate([source[:half], target[:half]])
    held_out = np.concatenate([source[half:count], target[half:count]])
    scaler = StandardScaler().fit(train)
    classifier = LogisticRegression(C=DOMAIN_CLASSIFIER_C, max_iter=1000)
    classifier.fit(scaler.transform(train), np.repeat([0, 1], half))
    accuracy = classifier.score(scaler.transform(held_out), np.repeat([0, 1], count - half))
    return float(np.clip(2 * (2 * accuracy - 1), 0, 2))


def check_features(source: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Make sure that both domains' features can be compared, and give them as float64 arrays.

    Raises:
        ValueError: not ``(N, D)``, a different ``D``, no rows or no columns, or a value that is not finite.
    """
    features = {"source": np.asarray(source), "target": np.asarray(target)}
    for domain, values in features.items():
        if values.ndim != 2:
            raise ValueError(f"{domain} features are {values.shape}, wanted (N, D)")
        if not values.size:
            raise ValueError(f"{domain} features are empty: {values.shape}")
        if not np.isfinite(values).all():
            bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
            raise ValueError(f"{domain} features of {len(bad)} images are not finite, the first is image {bad[0]}")
    widths = {values.shape[1] for values in features.values()}
    if len(widths) > 1:
        raise ValueError(f"features differ in width: {features['source'].shape}, {features['target'].shape}")
    return features["source"].astype(np.float64), features["target"].astype(np.float64)


def _check_predictions(labels: np.ndarray, probabilities: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    labels, probabilities = np.asarray(labels), np.asarray(probabilities)
    if labels.ndim != 1 or probabilities.shape != (len(labels), count):
        wanted = f"wanted (N,) and (N, {count})"
        raise ValueError(f"labels are {labels.shape} and probabilities {probabilities.shape}, {wanted}")
    if not len(labels):
        raise ValueError("no predictions to score")
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= count:
        raise ValueError(f"labels must be integers 0–{count - 1}, got {labels.dtype} {labels.min()} to {labels.max()}")
    # float64: sums over 10,000 images in a network's float32 would cost digits
    probabilities = probabilities.astype(np.float64)
    if not np.isfinite(probabilities).all():
        raise ValueError("probabilities are not finite: did the training diverge?")
    # A loose bound, for softmax in half precision; logits are far outside it.
    if probabilities.min() < 0 or not np.allclose(probabilities.sum(axis=1), 1, rtol=0, atol=1e-2):
        raise ValueError("probabilities must be 0–1 with rows that sum to 1: were these logits?")
    return labels.astype(np.int64), probabilities
