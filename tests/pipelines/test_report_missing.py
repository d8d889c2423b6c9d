"""The report of little: what was not run is named, what does not belong together is left out; and its command."""

import dataclasses
import json
import shutil

import pytest
from kedro.io import DatasetError

from conftest import newest
from mnistm_da.datasets.saved import SavedDatasets
from mnistm_da.pipelines.report import runs as report_runs
from report_page import page_of, saved_in


@pytest.fixture(scope="module")
def saved(sample_run):
    return saved_in(sample_run.folder)


def test_a_page_of_nothing_names_what_is_missing():
    shown = page_of({}, {})
    for text in (
        "No test images of both domains are saved.",
        "Nothing has been run yet.",
        "No benchmark is saved",
        "No algorithm has a map yet.",
        "No algorithm has been run and scored yet.",
        "No training has been recorded.",
        "Nothing is saved yet that a page could be made from.",
    ):
        assert text in shown.text
    assert not shown.charts


def test_a_run_without_its_parts_names_them(saved):
    runs = saved[1]
    shown = page_of({}, {"dann": {"metrics": runs["dann"]["metrics"]}, "mmd": {"history": runs["dann"]["history"]}})
    for text in (
        "No training curves are saved.",
        "No predictions are saved for the test images that are there now.",
        "No scores of the label-free validators are saved.",
        "Begun, but not scored yet: mmd.",
    ):
        assert text in shown.text
    assert "Confusion matrix of dann" in shown.tables


def test_parts_of_another_run_than_the_scores_are_left_out(saved):
    parts = dict(saved[1]["dann"])
    parts["history"] = dataclasses.replace(parts["history"], record={"content": "other"})
    [run], _ = report_runs.gather({"dann": parts})
    assert run.newer == ("history",)
    assert run.load("history") is None
    assert run.load("judged") is not None


def test_a_model_of_earlier_code_says_nothing_and_harms_nothing(saved):
    parts = dict(saved[1]["dann"])
    weights = {name: array for name, array in parts["model"].load().items() if name != "description"}
    parts["model"] = dataclasses.replace(parts["model"], load=lambda: weights)
    [run], _ = report_runs.gather({"dann": parts})
    assert run.made_with() is None
    assert run.parameters()["embedding.method"] == "tsne"


def test_images_of_other_data_are_not_taken_for_those_that_were_tested(saved):
    data, runs = saved
    other = {name: dataclasses.replace(part, record={"content": "other"}) for name, part in data.items()}
    shown = page_of(other, {"dann": runs["dann"]})
    assert "No predictions are saved for the test images that are there now." in shown.text
    assert shown.data["map-data"]["sheet"] is None


def test_maps_of_other_images_are_named(saved):
    data, runs = saved
    fewer = runs["dann"]["embedding"].load().iloc[1:]
    dann = runs["dann"] | {"embedding": dataclasses.replace(runs["dann"]["embedding"], load=lambda: fewer)}
    shown = page_of(data, {"source_only": runs["source_only"], "dann": dann})
    assert shown.data["map-data"]["names"] == ["source_only"]
    assert "The maps of dann show other images" in shown.text


def test_the_command_makes_a_page_that_knows_what_it_was_made_from(sample_copy, kedro):
    arguments = ["--pipelines=report", "--env=sample"]
    done = kedro("run", *arguments, cwd=sample_copy)
    assert done.returncode == 0, done.stdout + done.stderr
    path = newest(sample_copy, "report.html")
    assert path.stat().st_size < 6_000_000
    record = json.loads(path.with_name("report.html.lineage.json").read_text())
    assert {"dann.metrics", "dann.embedding", "source_only.history", "target_test"} <= set(record["inputs"])
    assert "mmd.metrics" not in record["inputs"]

    metrics = newest(sample_copy, "dann.metrics.json")
    folder = metrics.parents[2] / "mmd.metrics.json" / metrics.parent.name
    folder.mkdir(parents=True)
    for suffix in ("", ".lineage.json"):
        shutil.copy(f"{metrics}{suffix}", folder / f"mmd.metrics.json{suffix}")
    done = kedro("status", *arguments, "--json", cwd=sample_copy)
    [status] = json.loads(done.stdout[done.stdout.index("[\n") :])
    assert status["why"] == ["input mmd.metrics was not there"]


def test_what_is_saved_is_only_looked_at():
    dataset = SavedDatasets(datasets={})
    assert dataset.load() == {}
    with pytest.raises(DatasetError, match="only looked at"):
        dataset.save({})
