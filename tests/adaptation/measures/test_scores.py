import json

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score, recall_score

from mnistm_da.adaptation.measures.scores import calibration_error, proxy_a_distance, score
from mnistm_da.domains.format import DIGITS


def made_up_predictions(count=500, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, count)
    logits = rng.normal(size=(count, 10)) + 2 * np.eye(10)[labels]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return labels, probabilities.astype(np.float32)


def test_scores_equal_those_of_scikit_learn():
    labels, probabilities = made_up_predictions()
    predictions = probabilities.argmax(axis=1)
    found = score(labels, probabilities, DIGITS.classes)
    assert found["count"] == 500
    assert found["accuracy"] == pytest.approx((predictions == labels).mean())
    assert found["macro_f1"] == pytest.approx(f1_score(labels, predictions, average="macro"))
    assert found["confusion_matrix"] == confusion_matrix(labels, predictions).tolist()
    expected = recall_score(labels, predictions, average=None)
    assert list(found["per_class_recall"].values()) == pytest.approx(list(expected))
    assert json.loads(json.dumps(found)) == found


def test_a_digit_that_no_label_has_has_no_recall():
    found = score(np.array([3, 3]), np.eye(10)[[3, 4]], DIGITS.classes)
    assert found["per_class_recall"]["3"] == 0.5
    assert found["per_class_recall"]["4"] is None
    assert found["macro_f1"] == pytest.approx((2 / 3 + 0) / 2)


def test_the_classes_come_with_the_data():
    found = score(np.array([0, 1, 2, 2]), np.eye(3)[[0, 1, 2, 1]], ("cat", "dog", "owl"))
    assert found["per_class_recall"] == {"cat": 1, "dog": 1, "owl": 0.5}
    assert found["confusion_matrix"] == [[1, 0, 0], [0, 1, 0], [0, 1, 1]]
    with pytest.raises(ValueError, match="integers 0–2"):
        score(np.array([3]), np.eye(3)[[0]], ("cat", "dog", "owl"))


def test_calibration_error_by_hand():
    """Two bins: 0.95 sure and half right (gap .45, two images), 0.5 sure and right (gap .5, one image)."""
    found = calibration_error(np.array([True, False, True]), np.array([0.95, 0.95, 0.5]))
    assert found == pytest.approx((2 * 0.45 + 0.5) / 3)


def test_calibration_error_is_zero_when_confidence_is_the_share_that_is_right():
    assert calibration_error(np.arange(10) < 8, np.full(10, 0.8)) == pytest.approx(0)


def test_proxy_a_distance_tells_far_from_mixed_domains():
    rng = np.random.default_rng(0)
    same = proxy_a_distance(rng.normal(size=(900, 20)), rng.normal(size=(900, 20)), seed=0)
    apart = proxy_a_distance(rng.normal(size=(900, 20)), rng.normal(size=(900, 20)) + 4, seed=0)
    assert 0 <= same < 0.3
    assert apart > 1.9


@pytest.mark.parametrize(
    ("labels", "probabilities", "message"),
    [
        (np.array([], dtype=int), np.zeros((0, 10)), "no predictions"),
        (np.array([1]), np.zeros((1, 9)), "probabilities"),
        (np.array([10]), np.full((1, 10), 0.1), "integers 0–9"),
        (np.array([1]), np.full((1, 10), np.nan), "not finite"),
        (np.array([1]), np.arange(10.0)[None], "were these logits"),
    ],
)
def test_what_is_no_prediction_is_refused(labels, probabilities, message):
    with pytest.raises(ValueError, match=message):
        score(labels, probabilities, DIGITS.classes)


def test_features_that_are_not_finite_are_refused():
    features = np.zeros((10, 4))
    features[3, 1] = np.inf
    with pytest.raises(ValueError, match="not finite, the first is image 3"):
        proxy_a_distance(np.zeros((10, 4)), features, seed=0)
