"""Estimates of the target accuracy against computations by hand, and the sentences about their errors."""

from statistics import fmean

import numpy as np
import pytest
from scipy.special import softmax
from scipy.stats import entropy

from mnistm_da.adaptation.measures.estimate_errors import ESTIMATES, Checked, checked, record, told, write_markdown
from mnistm_da.adaptation.measures.estimates import estimated_accuracy

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 4, 200)
SOURCE = softmax(3 * np.eye(4)[LABELS] + 2 * RNG.normal(size=(200, 4)), axis=1).astype(np.float32)
TARGET = softmax(2 * RNG.normal(size=(300, 4)), axis=1).astype(np.float32)
ACCURACY = (SOURCE.argmax(axis=1) == LABELS).mean()


def test_above_atcs_threshold_is_as_much_of_the_source_as_is_right():
    surenesses = [-entropy(of.astype(np.float64), axis=1) for of in (SOURCE, TARGET)]
    [threshold] = [t for t in surenesses[0] if (surenesses[0] >= t).mean() == ACCURACY]
    assert 0.5 < ACCURACY < 1
    found = estimated_accuracy(LABELS, SOURCE, TARGET)
    assert found["atc"] == (surenesses[1] >= threshold).mean()
    assert estimated_accuracy(LABELS, SOURCE, SOURCE)["atc"] == pytest.approx(ACCURACY)


def test_doc_takes_the_loss_of_confidence_off_the_source_accuracy():
    expected = ACCURACY - (np.mean([max(row) for row in SOURCE]) - np.mean([max(row) for row in TARGET]))
    assert estimated_accuracy(LABELS, SOURCE, TARGET)["doc"] == pytest.approx(expected)
    assert estimated_accuracy(LABELS, SOURCE, SOURCE)["doc"] == pytest.approx(ACCURACY)


def test_a_source_that_is_all_wrong_or_all_right():
    right = SOURCE.argmax(axis=1)
    assert estimated_accuracy((right + 1) % 4, SOURCE, TARGET) == {"atc": 0.0, "doc": 0.0}
    sure = np.tile(np.array([0.97, 0.01, 0.01, 0.01]), (5, 1))
    assert estimated_accuracy(right, SOURCE, sure) == {"atc": 1.0, "doc": 1.0}, "no more than all of them"


RUNS = [
    Checked("a", "b", "source_only", 0, accuracy=0.5, atc=0.6, doc=0.56),
    Checked("a", "b", "source_only", 1, accuracy=0.5, atc=0.3, doc=0.5),
    Checked("b", "a", "dann", 0, accuracy=0.4, atc=0.9, doc=0.35),
]


def test_errors_are_told_as_points():
    assert told(RUNS) == (
        "3 runs on 2 pairs of digit sets have labels. The mean error of their algorithms and the largest of a run "
        "were, in points: ATC 15 and 20 before adaptation, 50 and 50 after; DoC 3 and 6 before adaptation, 5 and "
        "5 after. After adaptation, ATC was too high in 1 and DoC was too high in 0 of 1 adaptations, each the "
        "mean of its seeds."
    )
    assert write_markdown(RUNS).splitlines()[2:] == [
        "| a → b | `source_only` | 2 | 50.0 | 45.0 | −5.0 | 53.0 | +3.0 |",
        "| b → a | `dann` | 1 | 40.0 | 90.0 | +50.0 | 35.0 | −5.0 |",
    ]


def test_a_row_of_the_record_is_of_the_scores_of_a_run():
    metrics = {
        "algorithm": "dann",
        "seed": 3,
        "target_test": {"accuracy": 0.81249},
        "estimated_accuracy": {"atc": 0.9, "doc": 0.77777},
    }
    assert checked(metrics, "a", "b") == Checked("a", "b", "dann", 3, 0.8125, 0.9, 0.7778)


def test_the_record_is_of_several_pairs_and_algorithms():
    """`test_tables.py` checks that it has every benchmark run: none is left out because its estimates look bad."""
    assert len({(run.source, run.target) for run in record()}) >= 3
    assert {run.algorithm for run in record()} > {"source_only", "shot", "tent"}
    assert len(record()) == len({(run.source, run.target, run.algorithm, run.seed) for run in record()})


def test_the_documentation_says_where_the_estimates_were_right_on_mnist_m(root):
    text = " ".join((root / "docs/estimates.md").read_text(encoding="utf-8").replace("−", "-").split())
    runs = [run for run in record() if run.target == "MNIST-M" and run.is_adapted]
    names = dict.fromkeys(run.algorithm for run in runs)
    cases = [[run for run in runs if run.algorithm == name] for name in names]
    good, bad = [], []
    for case in cases:
        errors = {name: fmean(run.error(name) for run in case) for name in ESTIMATES}
        (good if fmean(run.accuracy for run in case) > 0.8 else bad).append(errors)
    atc, doc = ([errors[name] for errors in good] for name in ESTIMATES)
    assert f"Of the {len(good)} adaptations above 80 %, the error of ATC is between {min(atc):.1f} and" in text
    assert f"and {max(atc):.1f} points and that of DoC between {min(doc):+.1f} and {max(doc):+.1f}." in text
    atc, doc = ([errors[name] for errors in bad] for name in ESTIMATES)
    assert f"Of the {len(bad)} below, ATC is {min(atc):.1f} to {max(atc):.1f} and DoC" in text
    assert f"and DoC {min(doc):.1f} to {max(doc):.1f} points too high." in text
