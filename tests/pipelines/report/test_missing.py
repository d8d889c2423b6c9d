"""The report of little, and its command: missing runs are named, and parts that do not belong together left out."""

import dataclasses
import json
import re
import shutil

import pytest
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.io import DataCatalog, DatasetError, Version

from conftest import newest
from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.datasets.artifacts import JSONDataset
from mnistm_da.datasets.saved import SavedDatasets
from mnistm_da.parameters import CardParams
from mnistm_da.pipeline_registry import register_pipelines
from mnistm_da.pipelines import report
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
    shown = page_of({}, {"dann": {"metrics": runs["dann"]["metrics"]}, "mmd": {"timing": runs["dann"]["timing"]}})
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
    other = {"inputs": {"dann.history": {"content": "other"}}}
    parts["training_curves"] = dataclasses.replace(parts["training_curves"], record=other)
    [run], _ = report_runs.gather({"dann": parts})
    assert run.newer == ("training_curves",)
    assert run.load("training_curves") is None
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


def test_the_command_makes_a_page_that_knows_what_it_was_made_from(sample_copy, kedro_here):
    arguments = ["--pipelines=report", "--env=sample"]
    done = kedro_here("run", *arguments, cwd=sample_copy)
    assert done.returncode == 0, done.stdout + done.stderr
    path = newest(sample_copy, "report.html")
    assert path.stat().st_size < 6_000_000
    record = json.loads(path.with_name("report.html.lineage.json").read_text())
    assert {"dann.metrics", "dann.embedding", "source_only.training_curves", "target_test"} <= set(record["inputs"])
    assert "mmd.metrics" not in record["inputs"]

    metrics = newest(sample_copy, "dann.metrics.json")
    folder = metrics.parents[2] / "mmd.metrics.json" / metrics.parent.name
    folder.mkdir(parents=True)
    for suffix in ("", ".lineage.json"):
        shutil.copy(f"{metrics}{suffix}", folder / f"mmd.metrics.json{suffix}")
    done = kedro_here("status", *arguments, "--json", cwd=sample_copy)
    [status] = json.loads(done.stdout)
    assert status["why"] == ["input mmd.metrics was not there"]


def test_what_is_saved_is_only_looked_at(tmp_path):
    dataset = SavedDatasets(names=["left"], prefix="a.")
    with pytest.raises(DatasetError, match=r"a\.left can be looked for only in the catalog of a Kedro session"):
        dataset.load()
    catalog = DataCatalog({"a.left": JSONDataset(filepath=str(tmp_path / "left.json"), version=Version(None, "v1"))})
    dataset.bind(catalog)
    assert dataset.load() == {}
    catalog["a.left"].save([1])
    assert dataset.load()["left"].load() == [1]
    with pytest.raises(DatasetError, match="only reads what others saved"):
        dataset.save({})
    dataset = SavedDatasets(names=["right"])
    dataset.bind(catalog)
    with pytest.raises(DatasetError, match="no entry 'right'"):
        dataset.load()


@pytest.mark.parametrize("env", ["base", "sample"])
def test_all_that_a_report_looks_at_are_entries_that_the_pipelines_save(env, root):
    """Described once: so a path that an environment changes is changed for the report, too."""
    bootstrap_project(root)
    with KedroSession.create(project_path=root, env=env) as session:
        catalog = session.load_context().catalog
    saved = {output for pipeline in register_pipelines().values() for output in pipeline.all_outputs()}
    translators = {name for name, entry in ALGORITHMS.items() if entry.translates}
    looked_at = set()
    for name in report.create_pipeline().inputs() - {"params:titles", "params:card"}:
        dataset = catalog.get(name)
        assert isinstance(dataset.load(), dict)
        looked_at |= set(dataset.reads)
    never = {f"{name}.translated" for name in set(ALGORITHMS) - translators}
    assert looked_at - saved == never
    assert {"benchmark", "target_images", "dann.metrics", "translation.translated"} <= looked_at


def test_the_page_of_the_sample_says_so_and_its_commands_are_of_its_environment():
    """Those that a reader copies would otherwise run another environment."""
    here = page_of({}, {})
    assert "These are small demonstration models" in here.text
    commands = re.findall(r"<code>(kedro run [^<]*)</code>", here.html)
    assert len(commands) > 3
    assert all(command.endswith("--env=sample") for command in commands), commands
    real = page_of({}, {}, card=CardParams(source="MNIST", target="MNIST-M", licences=["none"]))
    assert "demonstration" not in real.text
    assert "--env" not in real.html.partition("<script>")[0]
