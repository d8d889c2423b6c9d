"""Records, status and consistency, on a small pipeline."""

import json
import shutil
from pathlib import Path

import click
import pytest
from kedro.io import DatasetError, Version
from kedro.pipeline import Pipeline, node

from mnistm_da.datasets.artifacts import JSONDataset
from mnistm_da.lineage import records, versions
from mnistm_da.lineage.trace import inputs
from small_project import NAMES, PIPELINE, turn


def test_after_a_run_everything_is_fresh(project):
    assert all("there is no" in why[0] for why in project.stale().values())
    assert len(project.stale()) == 5
    project.run("v1")
    assert project.stale() == {}


@pytest.mark.parametrize(
    ("name", "value"), [("size", {"width": 4, "height": 1}), ("left", 2), ("colour", "blue"), ("resume", True)]
)
def test_a_parameter_makes_stale_what_reads_it_and_what_follows(project, name, value):
    project.run("v1")
    reads = [one.name for one in PIPELINE.nodes if f"params:{name}" in one.inputs and name != "resume"]
    expected = {one.name for one in PIPELINE.from_nodes(*reads).nodes} if reads else set()  # Kedro's own walk
    assert set(project.stale(**{name: value})) == expected


def test_it_says_why(project):
    project.run("v1")
    why = project.stale(size={"width": 5, "height": 1})
    assert why["cut"] == ["parameter size.width 3 → 5"]
    assert why["join"] == ["input left is stale", "input right is stale"]


def test_changed_code_is_named(project):
    project.run("v1")
    record = records.read(project.path("left", "v1")) | {"code": {"losses/mmd.py": "0"}}
    sealed = record | {"seal": records._seal(record)}
    records.record_path(project.path("left", "v1")).write_text(json.dumps(sealed))
    assert project.stale()["scale"][0] == "code changed in losses/mmd.py"


def test_a_record_edited_by_hand_is_not_believed(project):
    """Not by status, not by a load of what it stands beside, and not by pruning, which could delete an ancestor."""
    project.run("v1")
    path = records.record_path(project.path("left", "v1"))
    path.write_text(path.read_text().replace('"left": 1', '"left": 2'))
    assert project.stale()["scale"] == ["the record of left is damaged or was edited"]
    assert project.stale()["join"] == ["the record of its input left is damaged", "input left is stale"]
    for use in (project.catalog()["left"].load, lambda: versions.superseded(NAMES, 1, [project.catalog()])):
        with pytest.raises(DatasetError, match=r"left\.json\.lineage\.json is damaged or was edited.*--only-stale"):
            use()
    project.run("v2", "scale", "join", "draw")
    assert project.stale() == {}
    assert project.catalog()["left"].load() == [0, 1, 2]


def test_a_clock_that_is_behind_is_told_before_a_node_runs(project):
    project.run("v5")
    with pytest.raises(click.UsageError, match=r"clock of this machine is behind.* version v4 of 'both'.*of v5"):
        project.run("v4")
    assert not project.path("cut", "v4").exists()
    assert project.stale() == {}


def test_a_deleted_version_is_made_again(project):
    project.run("v1")
    project.run("v2", size={"width": 4, "height": 1})
    shutil.rmtree(project.path("cut", "v2").parent)
    why = project.stale(size={"width": 4, "height": 1})
    assert why["cut"] == ["parameter size.width 3 → 4"]
    project.run("v3", *why, size={"width": 4, "height": 1})
    assert project.stale(size={"width": 4, "height": 1}) == {}


def test_a_new_version_of_the_same_content_makes_nothing_stale(project):
    project.run("v1")
    project.run("v2", "cut")
    assert project.stale() == {}
    assert project.path("cut", "v1").samefile(project.path("cut", "v2")), "the same content is stored twice"


def test_a_newer_input_of_another_content_does(project):
    project.run("v1")
    project.run("v2", "cut", size={"width": 4, "height": 1})
    why = project.stale(size={"width": 4, "height": 1})
    assert why["scale"] == ["input cut has a newer version"]
    assert set(why) == {"scale", "turn", "join", "draw"}


def test_what_is_missing_corrupt_or_without_a_record_is_not_fresh(project):
    project.run("v1")
    shutil.rmtree(project.folder / "right.json")
    project.path("left", "v1").write_text("[0]")
    records.record_path(project.path("picture", "v1")).unlink()
    why = project.stale()
    assert why["turn"] == ["there is no right"]
    assert why["scale"] == ["left is corrupt"]
    assert why["draw"][0] == "picture was not finished, or made outside of a run"


def test_damage_is_found_on_load_and_the_cure_named(project):
    project.run("v1")
    project.path("left", "v1").write_text("[0, 1, 3]")
    with pytest.raises(DatasetError, match=r"left\.json is damaged.*--only-stale \(its node is scale\).*delete"):
        project.catalog()["left"].load()


def test_inputs_of_different_ancestors_are_refused(project):
    project.run("v1")
    project.run("v2", "cut", "scale", size={"width": 4, "height": 1})
    with pytest.raises(click.UsageError, match=r"'left' comes from 'cut' of v2, 'right' from that of v1.*--only-stale"):
        project.run("v3", "join")
    project.run("v4", "join", load={"left": "v1"})  # chosen by hand


def test_a_record_says_what_it_was_made_from(project):
    project.run("v1")
    record = records.read(project.path("left", "v1"))
    assert record["node"] == "scale"
    assert record["parameters"] == {"left": 1}
    assert record["inputs"] == {"cut": {"version": "v1", "content": records.content_hash(project.path("cut", "v1"))}}
    assert record["content"] == records.content_hash(project.path("left", "v1"))
    assert record["seconds"] >= 0
    assert record["libraries"]["kedro"]


def test_what_has_the_file_of_another_is_recorded_by_its_name(project):
    """Or pruning would take what a prediction descends from, once another model is named."""
    project.run("v1")
    alias = JSONDataset(
        filepath=str(project.folder / "left.json"), version=Version(None, "v2"), metadata={"reads": ["left"]}
    )
    catalog = project.catalog("v2")
    catalog["chosen"] = alias
    [uses] = Pipeline([node(turn, "chosen", "right", name="turn")]).nodes
    assert list(inputs(uses, catalog)) == ["left"]
    assert inputs(uses, catalog)["left"]["version"] == "v1"


def test_an_input_that_is_gone_is_told(project):
    project.run("v1")
    shutil.rmtree(project.folder / "left.json")
    assert "input left is gone" in project.stale()["join"]


def test_a_save_outside_of_a_run_claims_no_maker(project):
    project.catalog("v1")["cut"].save([1])
    assert set(records.read(Path(project.path("cut", "v1")))) == {"content", "bytes"}
