"""The numbers and pictures of the report are those of the datasets behind it."""

import base64
import dataclasses
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.spatial.distance import pdist

from conftest import SAMPLE_EPOCHS, TEST_SEED
from mnistm_da.adaptation.figures.sample_grid import mosaic
from mnistm_da.adaptation.measures import intervals
from mnistm_da.adaptation.measures.estimate_errors import ESTIMATES, told
from mnistm_da.adaptation.measures.validators import VALIDATORS
from mnistm_da.adaptation.models.description import description
from mnistm_da.datasets.saved import Saved
from mnistm_da.parameters import FewLabelsParams, TitleParams
from mnistm_da.pipelines.benchmark.pairs import COLUMNS
from mnistm_da.pipelines.report import glossary, scores
from mnistm_da.pipelines.report import runs as report_runs
from report_page import TITLES, page_of, pixels, saved_in

RUNS = ("source_only", "target_only", "dann")
BENCHMARK = pd.DataFrame(
    {
        "algorithm": ["dann", "mmd", "mme"],
        "family": ["adversarial", "divergence", "adversarial"],
        "target_labels": ["none", "none", "5 of each class, semi-supervised"],
        "epochs": [SAMPLE_EPOCHS] * 3,
        "seeds": [3, 1, 1],
        "last": [0.9369, 0.6935, 0.97],
        "last_deviation": [0.0038, np.nan, np.nan],
        "label_free": [0.9361, 0.6934, np.nan],
        "oracle": [0.9372, 0.695, 0.97],
        "source_test": [0.99, 0.9939, 0.99],
    }
)
DIFFERENCES = pd.DataFrame(
    [
        ("dann", "mmd", 3, 0.2434, 0.21, 0.28, 0.25, 0.5, 0.25),
        ("dann", "mme", 8, 0.0331, 0.01, 0.05, 0.0078125, 0.015625, 0.0078125),
    ],
    columns=list(COLUMNS),
)


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (3, 2), "white").save(file, "PNG")
    return file.getvalue()


def as_saved(data, **record) -> Saved:
    return Saved("2026-01-01T00.00.00.000Z", record, lambda: data)


@pytest.fixture(scope="module")
def saved(sample_run):
    data, runs = saved_in(sample_run.folder)
    compared = {"benchmark_differences": as_saved(DIFFERENCES), "benchmark_ranks": as_saved(png())}
    return data | {"benchmark": as_saved(BENCHMARK)} | compared, runs


@pytest.fixture(scope="module")
def page(saved):
    return page_of(*saved)


@pytest.fixture(scope="module")
def parts(saved):
    """The saved data and the saved results of dann, loaded."""
    data, runs = saved
    return {name: part.load() for name, part in (data | runs["dann"]).items()}


def percent(share, digits=2):
    return f"{100 * share:.{digits}f}"


def test_the_results_hold_the_benchmark_and_each_run(page, saved):
    rows = page.tables["results-table"][2:]
    table = {(row[0], row[6]): row[1:6] for row in rows}
    assert [row[0] for row in rows] == ["dann", "mmd", "mme", "dann", "source_only", "target_only"], "bounds come last"
    assert table["dann", "3 seeds"] == ["93.69", "0.38", "93.61", "93.72", "99.00"]
    assert table["mmd", "1 seed"] == ["69.35", "–", "69.34", "69.50", "99.39"]
    assert table["mme", "1 seed"] == ["97.00", "–", "–", "97.00", "99.00"], "IM gave no finite score"
    for name in RUNS:
        metrics = saved[1][name]["metrics"].load()
        last, free, oracle = (metrics["picks"][by]["target_test_accuracy"] for by in ("last", "im", "oracle"))
        honest_and_not = [percent(last), "–", percent(free), percent(oracle)]
        assert table[name, f"seed {TEST_SEED}"] == [*honest_and_not, percent(metrics["source_test"]["accuracy"])]


def test_the_benchmarks_algorithms_are_compared(page):
    assert page.tables["differences-table"][1:] == [
        ["dann", "mmd", "3", "24.34", "21.00 to 28.00", "0.25", "0.5", "too few seeds to test"],
        ["dann", "mme", "8", "3.31", "1.00 to 5.00", "0.00781", "0.0156", "differ"],
    ]
    assert base64.b64encode(png()).decode() in page.html


def test_the_results_say_how_many_target_labels_there_were(page, saved):
    labels = {row[0]: row[8] for row in page.tables["results-table"][2:]}
    assert (labels["dann"], labels["target_only"]) == ("none", "all")
    assert labels["mme"] == "5 of each class, semi-supervised"
    assert "Honest columns pick the epoch without a target label" in page.text
    few = FewLabelsParams(setting="supervised", per_class=3)
    made_with = description(saved[1]["dann"]["model"].load()).model_copy(update={"few_labels": few})
    parts = {"metrics": saved[1]["dann"]["metrics"], "model": as_saved(made_with.as_arrays())}
    [run], _ = report_runs.gather({"dann_few_labels": parts})
    assert scores.results([run], None)[0].labelled == "3 of each class, supervised"


def test_the_training_is_among_what_a_run_was_made_from(saved):
    [run], _ = report_runs.gather({"dann": saved[1]["dann"]})
    assert run.parameters()["training.epochs"] == SAMPLE_EPOCHS
    assert run.parameters()["dann.reversal_peak"] == 1
    assert not run.newer


def test_the_headline_takes_several_seeds_before_one_and_says_that_it_picked(page, saved):
    assert "93.69 % ± 0.38" in page.text
    assert "the highest of 2 adaptations: which one that is, the test labels told" in page.text
    lower, upper = (
        saved[1][name]["metrics"].load()["target_test"]["accuracy"] for name in ("source_only", "target_only")
    )
    assert f"closes {(0.9369 - lower) / (upper - lower):.0%}".replace("%", " %") in page.text


def test_no_gap_is_said_to_be_closed_between_trainings_of_different_length(saved):
    runs, _ = report_runs.gather(saved[1])
    assert scores.headline(scores.results(runs, BENCHMARK))["closed"] is not None
    assert scores.headline(scores.results(runs, BENCHMARK.assign(epochs=8)))["closed"] is None


def test_the_bars_are_as_long_as_the_figures_and_name_their_sources(page):
    published = json.loads((Path(scores.__file__).parent / "published.json").read_text(encoding="utf-8"))
    for one in published["figures"]:
        assert 0 < one["percent"] < 100
        assert one["source"]
        assert one.keys() <= {"method", "percent", "spread", "source", "selection", "looked"}, "a key that nobody reads"
        assert one["source"].replace("'", "&#39;") in page.html
        assert f"width: {one['percent']:.2f}%" in page.html
    assert "width: 93.69%" in page.html
    assert "width: 69.35%" in page.html


def test_only_the_same_pair_of_domains_is_comparable(page):
    assert "Not the same task" in page.text
    assert '<details id="published-figures">' in page.html, "folded, since they say nothing of these runs"
    same = scores.bars([], TitleParams(source="MNIST", target="MNIST-M"))
    assert same["comparable"]
    values = [bar["percent"] for bar in same["bars"]]
    assert values == sorted(values, reverse=True)


def test_the_sample_grid_shows_the_test_images(page, parts):
    for domain, split in ((TITLES.source, parts["source_test"]), (TITLES.target, parts["target_test"])):
        alt = f"Four test images of each class, 0 to 9, of {domain}, a column for each class"
        np.testing.assert_array_equal(pixels(page.images[alt]), mosaic(split["images"], split["labels"], 10))


def test_the_maps_are_those_of_the_datasets_turned_only(page, saved):
    shown = page.data["map-data"]
    assert shown["names"] == list(RUNS)
    for name in RUNS:
        table = saved[1][name]["embedding"].load()
        points = np.transpose([shown["maps"][name]["x"], shown["maps"][name]["y"]])
        np.testing.assert_allclose(pdist(points), pdist(table[["x", "y"]]), atol=0.01)
        for column in ("label", "domain", "index"):
            assert shown[column] == table[column].tolist()
        assert shown["separable"][name] == saved[1][name]["metrics"].load()["proxy_a_distance"]


def test_the_sheet_has_the_image_of_every_mark(page, parts):
    shown = page.data["map-data"]
    sheet = pixels(shown["sheet"]).astype(int)
    for mark in range(0, len(shown["index"]), 37):
        row, column = divmod(mark, shown["columns"])
        tile = sheet[28 * row : 28 * row + 28, 28 * column : 28 * column + 28]
        images = parts[f"{shown['domain'][mark]}_test"]["images"].transpose(0, 2, 3, 1)
        # WebP gives up some of the detail, but no image comes out more like another.
        assert np.abs(images - tile).mean(axis=(1, 2, 3)).argmin() == shown["index"][mark]


def test_the_charts_are_those_that_the_run_drew(page, saved):
    parts = saved[1]["dann"]
    trust = "Validators of dann: target test accuracy (%) of each kept epoch over its score"
    for label, part in (
        ("Training of dann: loss terms and accuracy by epoch", "training_curves"),
        (trust, "validator_trust"),
    ):
        assert page.charts[label] == json.loads(parts[part].load().to_json())


def test_every_short_name_leads_to_its_entry_of_the_glossary(page):
    missing = {term for term in page.terms if term.removeprefix("#") not in page.ids}
    assert not missing
    assert {f"#term-{name}" for name in ("im", "snd", "dev", "oracle", "atc", "interval", "dann", "mme")} <= page.terms
    assert {f"term-{name}" for name in (*VALIDATORS, *ESTIMATES)} <= page.ids
    assert "DANN: domain-adversarial training of neural networks (Ganin et al.," in page.text


def test_a_validator_without_an_entry_is_explained_by_its_docstring(monkeypatch):
    monkeypatch.delitem(glossary.TERMS, "dev")
    [term] = [one for name, one in glossary.glossary([], ["dev", "im"]).items() if name == "dev"]
    assert term.text.startswith("A validator. DEV: the source's loss reweighted to the target")


def test_the_conclusion_and_the_intervals_stand_above_the_adapted_model_and_its_bounds(page, saved):
    """The best has several seeds and the bounds one each, so that the gain has no interval."""
    head = page.text.partition("The data")[0]
    assert "dann classifies 93.7 % of the target’s test images correctly" in head
    assert "it may be chance" in head
    low, high = intervals.of_mean(0.9369, 0.0038, 3)
    assert f"95 % interval {percent(low, 1)} to {percent(high, 1)}" in head
    metrics = saved[1]["source_only"]["metrics"].load()["target_test"]
    low, high = intervals.of_share(metrics["accuracy"], metrics["count"])
    assert f"95 % interval {percent(low, 1)} to {percent(high, 1)} source_only" in head
    order = ["Adapted, no target label", "Without adaptation", "Trained on target labels"]
    assert sorted(order, key=head.index) == order
    assert "Accuracy on target test images, last epoch" in head


def test_the_maps_say_which_layer_they_show(page, saved):
    assert "These maps show the extractor’s features" in page.text
    data, runs = saved
    made = runs["dann"]["embedding"]
    parameters = {"embedding": {"layer": "hidden"}}
    hidden = dataclasses.replace(made, record=made.record | {"parameters": parameters})
    shown = page_of(data, {"dann": runs["dann"] | {"embedding": hidden}})
    assert "These maps show the classifier’s last hidden layer" in shown.text
    both = page_of(data, {"source_only": runs["source_only"], "dann": runs["dann"] | {"embedding": hidden}})
    assert "The maps of dann show other images (another seed, number of samples, or data) or another layer" in both.text


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
