"""The report's chapters on each run, its times and its lineage are those of the datasets behind them."""

import json

import numpy as np

from conftest import SAMPLE_EPOCHS, TEST_SEED
from mnistm_da.adaptation.figures.sample_grid import mosaic
from mnistm_da.adaptation.measures.estimate_errors import ESTIMATES, told
from mnistm_da.pipelines.report import runs as report_runs
from report_page import as_saved, page_of, percent, pixels


def test_the_training_is_among_what_a_run_was_made_from(saved):
    [run], _ = report_runs.gather({"dann": saved[1]["dann"]})
    assert run.parameters()["training.epochs"] == SAMPLE_EPOCHS
    assert run.parameters()["dann.reversal_peak"] == 1
    assert not run.newer


def test_the_charts_are_those_that_the_run_drew(page, saved):
    parts = saved[1]["dann"]
    trust = "Validators of dann: target test accuracy (%) of each kept epoch over its score"
    for label, part in (
        ("Training of dann: loss terms and accuracy by epoch", "training_curves"),
        (trust, "validator_trust"),
    ):
        assert page.charts[label] == json.loads(parts[part].load().to_json())


def test_the_confusion_matrix_and_the_recall_are_the_metrics(page, parts):
    test = parts["metrics"]["target_test"]
    cells = [row[1:] for row in page.tables["Confusion matrix of dann"][1:]]
    for row, counts in zip(cells, test["confusion_matrix"], strict=True):
        assert row == [percent(count / sum(counts), 0) for count in counts]
    [recall] = [row for row in page.tables["recall-table"] if row[0] == "dann"]
    assert recall[1:] == [percent(share, 1) for share in test["per_class_recall"].values()]


def test_estimates_stand_beside_the_accuracy_with_their_errors(page, parts):
    known, estimated = parts["metrics"]["target_test"]["accuracy"], parts["metrics"]["estimated_accuracy"]
    facts = page.text.partition("Each run")[2]
    assert f"Target test {percent(known)} %" in facts
    for name, shown in ESTIMATES.items():
        assert f"Target test, {shown}’s estimate {percent(estimated[name], 0)} %" in facts
    assert told() in page.text


def test_the_mistakes_are_the_surest_wrong_predictions(page, parts):
    test, probabilities = parts["target_test"], parts["predictions"]["target"]
    predicted = probabilities.argmax(axis=1)
    wrong = [index for index in range(len(predicted)) if predicted[index] != test["labels"][index]]
    surest = sorted(wrong, key=lambda index: -probabilities[index].max())[:12]
    for index in surest:
        alt = f"Target test image {index}: {test['labels'][index]}, taken for {predicted[index]}"
        np.testing.assert_array_equal(pixels(page.images[alt]), test["images"][index].transpose(1, 2, 0))
        assert f"{percent(probabilities[index].max(), 1)} % sure" in page.text


def test_the_validators_are_those_judged_in_hindsight(page, parts):
    picks = parts["metrics"]["picks"]
    rows = {row[0]: row[1:] for row in page.tables["Validators of dann"][1:]}
    for by, pick in picks.items():
        ranks = pick["rank_correlation"]
        written = "–" if ranks is None else f"{ranks:+.2f}".replace("-", "−")
        assert rows[by.replace("_", " ")] == [str(pick["epoch"]), percent(pick["target_test_accuracy"]), written]


def test_the_times_are_those_recorded(page, saved):
    parts = saved[1]["dann"]
    [row] = [row for row in page.tables["time-table"] if row[0] == "dann"]
    steps = [parts[part].record["seconds"] for part in ("predictions", "judged", "embedding")]
    timing = parts["timing"].load()
    assert row[1:] == [
        timing["device"],
        str(SAMPLE_EPOCHS),
        *(f"{seconds:.1f}" for seconds in (timing["seconds"], *steps)),
    ]
    assert "Energy was not measured" in page.text


def test_the_lineage_names_version_seed_content_and_parameters(page, saved):
    data, runs = saved
    rows = {row[0]: row[1:] for row in page.tables["lineage-table"][1:]}
    for name, part in (("dann", runs["dann"]["metrics"]), ("target_images", data["target_images"])):
        assert rows[name][0] == part.version
        assert rows[name][1] == str(TEST_SEED)
        assert rows[name][3] == part.record["content"][:12]
    assert "training.epochs" in page.text
    assert f"torch {runs['dann']['metrics'].record['libraries']['torch']}" in page.text


def test_translated_images_are_shown_beside_what_they_were(saved, parts):
    data, runs = saved
    made = 255 - parts["target_test"]["images"]
    translated = as_saved({"images": made}, inputs=runs["dann"]["predictions"].record["inputs"])
    shown = page_of(data, {"translation": {"metrics": runs["dann"]["metrics"], "translated": translated}})
    after = pixels(shown.images["The same images, translated by translation"])
    np.testing.assert_array_equal(after, mosaic(made, parts["target_test"]["labels"], 10))
    assert "No reconstruction method" not in shown.text
