"""The sentences at the top of a report say no more than the numbers do."""

from dataclasses import replace

import numpy as np
import pytest

from mnistm_da.adaptation.measures import intervals
from mnistm_da.datasets.saved import Saved
from mnistm_da.pipelines.report import conclusion
from mnistm_da.pipelines.report.runs import Run
from mnistm_da.pipelines.report.scores import Result, headline

LABELS = np.arange(1000) % 10
TEST = {"target_test": Saved("v1", {"content": "test"}, lambda: {"labels": LABELS})}


def result(algorithm, last, images=1000, **more):
    known = {"family": "bound" if algorithm.endswith("_only") else "adversarial", "labelled": "none", "runs": "seed 0"}
    known |= {"target_labels": "all" if algorithm == "target_only" else "none", "seeds": 1, "epochs": 8}
    known |= {"deviation": None, "label_free": None, "oracle": None, "source": 0.99, "made_by": "single run"}
    return Result(algorithm=algorithm, last=last, images=images, **(known | more))


def of_seeds(algorithm, last, deviation, **more):
    return result(algorithm, last, None, deviation=deviation, seeds=3, made_by="benchmark", **more)


def run(algorithm, accuracy, of="test"):
    """A run that classifies only the first images correctly."""
    predicted = np.where(np.arange(1000) < 1000 * accuracy, LABELS, (LABELS + 1) % 10)
    parts = {
        "predictions": Saved(
            "v1", {"inputs": {"target_test": {"content": of}}}, lambda: {"target": np.eye(10)[predicted]}
        )
    }
    metrics = {"seed": 3, "target_test": {"accuracy": accuracy}, "estimated_accuracy": {"atc": 0.9, "doc": 0.95}}
    return Run(algorithm, metrics, parts)


def said(*rows, runs=(), data=TEST):
    found, caveats = conclusion.conclude(headline(rows), runs, data)
    return " ".join(found), " ".join(caveats)


BOUNDS = (result("source_only", 0.34), result("target_only", 0.94))


def test_gain_distance_and_estimate_are_told_with_their_intervals():
    runs = [run("source_only", 0.34), run("target_only", 0.94), run("dann", 0.86)]
    text, caveats = said(*BOUNDS, result("dann", 0.86), runs=runs)
    right = [np.arange(1000) < count for count in (340, 940, 860)]
    gain, rest = intervals.of_paired_difference(right[2], right[0]), intervals.of_paired_difference(right[1], right[2])
    assert "dann classifies 86.0 % of the target’s test images correctly" in text
    assert f"52.0 points ({100 * gain.low:.1f} to {100 * gain.high:.1f}) more than source_only" in text
    assert f"8.0 points ({100 * rest.low:.1f} to {100 * rest.high:.1f}) below target_only" in text
    assert "For seed 3, ATC estimates 90 % and DoC estimates 95 % without any target label; 86.0 % are correct." in text
    assert "over the test images of one seed" in caveats


def test_predictions_of_other_images_are_not_compared_image_by_image():
    runs = [run("source_only", 0.34), run("dann", 0.86, of="other images")]
    gain = intervals.of_difference_of_shares(0.86, 1000, 0.34, 1000)
    assert (
        f"({100 * gain.low:.1f} to {100 * gain.high:.1f}) more"
        in said(*BOUNDS, result("dann", 0.86), runs=[*runs, run("target_only", 0.94)])[0]
    )


def test_several_seeds_are_compared_over_seeds():
    rows = of_seeds("source_only", 0.5676, 0.0055), of_seeds("dann", 0.9346, 0.0052)
    gain = intervals.of_difference_of_means(0.9346, 0.0052, 3, 0.5676, 0.0055, 3)
    text, caveats = said(*rows)
    assert f"36.7 points ({100 * gain.low:.1f} to {100 * gain.high:.1f}) more than source_only" in text
    assert "over seeds" in caveats
    assert "target_only has not been run" in text


@pytest.mark.parametrize(
    ("accuracy", "words"), [(0.355, "is not shown"), (0.325, "is not shown"), (0.2, "it does harm")]
)
def test_a_gain_within_chance_is_no_gain_and_a_loss_is_a_loss(accuracy, words):
    text, _ = said(
        *BOUNDS,
        result("dann", accuracy),
        runs=[run(one, 0.5, of="other") for one in ("source_only", "target_only", "dann")],
    )
    assert words in text
    assert " more than source_only" not in text


def test_as_good_as_the_upper_bound_is_said_with_its_doubt():
    runs = [run(name, 0.94, of="other") for name in ("source_only", "target_only", "dann")]
    assert (
        "No distance from target_only, which is trained on target labels, is shown"
        in said(*BOUNDS, result("dann", 0.935), runs=runs)[0]
    )


def test_one_seed_beside_several_has_no_interval_and_says_so():
    text, caveats = said(result("source_only", 0.34), of_seeds("dann", 0.9, 0.01), runs=[run("source_only", 0.34)])
    assert "56.0 points more than source_only" in text
    assert "may be chance" in caveats


def test_what_flatters_is_said():
    rows = [*BOUNDS, result("dann", 0.86), result("mmd", 0.6)]
    _, caveats = said(*rows, runs=[run(row.algorithm, row.last, of="other") for row in rows])
    assert "highest of 2 adaptations" in caveats
    rows[2] = replace(rows[2], epochs=3)
    assert (
        "not trained for the same number of epochs"
        in said(*rows, runs=[run(row.algorithm, row.last, of="other") for row in rows])[1]
    )


def test_without_labels_or_an_adaptation_nothing_is_claimed():
    assert said(*BOUNDS) == ("", "")
    unknown = run("dann", 0.9)
    unknown.metrics["target_test"]["accuracy"] = None
    text, _ = said(result("source_only", None), result("dann", None), runs=[unknown])
    assert text == (
        "The target has no labels, so no gain can be computed. Estimates instead of accuracies: for dann, "
        "ATC estimates 90 % and DoC estimates 95 %."
    )
    assert said(result("dann", 0.86), runs=[])[0].startswith("dann classifies 86.0 %")
