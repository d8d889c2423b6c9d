"""The head of the report, its results and its glossary: their numbers are those of the datasets behind them."""

import base64
import json
from pathlib import Path

import numpy as np
import pytest

from conftest import TEST_SEED
from mnistm_da.adaptation.figures.sample_grid import mosaic
from mnistm_da.adaptation.measures import intervals
from mnistm_da.adaptation.measures.estimate_errors import ESTIMATES
from mnistm_da.adaptation.measures.validators import VALIDATORS
from mnistm_da.adaptation.models.description import description
from mnistm_da.parameters import FewLabelsParams, TitleParams
from mnistm_da.pipelines.report import glossary, scores
from mnistm_da.pipelines.report import runs as report_runs
from report_page import BENCHMARK, RUNS, TITLES, as_saved, percent, pixels, png


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


def test_the_headline_takes_several_seeds_before_one_and_says_that_it_picked(page, saved):
    assert "93.69 % ± 0.38" in page.text
    assert "the highest of 2 adaptations: which one that is, the test labels told" in page.text
    lower, upper = (
        saved[1][name]["metrics"].load()["target_test"]["accuracy"] for name in ("source_only", "target_only")
    )
    assert f"closes {(0.9369 - lower) / (upper - lower):.0%}".replace("%", " %") in page.text


@pytest.mark.parametrize(("epochs", "told"), [(1, "1 epoch"), (8, "8 epochs")])
def test_the_length_of_a_training_is_told_in_words(epochs, told):
    assert {row.length for row in scores.results([], BENCHMARK.assign(epochs=epochs))} == {told}


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
