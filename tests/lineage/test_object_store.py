"""Lineage of versions in an object store: what a disk has, by the same commands."""

import json
import os
import subprocess
import sys

import click
import pytest
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DatasetError
from kedro.pipeline import Pipeline, node
from kedro.runner import SequentialRunner

from mnistm_da.datasets.saved import SavedDatasets
from mnistm_da.lineage import elsewhere, leases, records, versions
from mnistm_da.lineage.leases import HoldLease, Lease
from mnistm_da.lineage.trace import TraceRun
from mnistm_da.storage import files
from small_project import NAMES, PIPELINE, SmallProject

LONGER = {"width": 4, "height": 1}


@pytest.fixture
def project(place):
    return SmallProject(place)


def ended_process():
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    return ended.pid


def everything(place):
    return {str(file.path) for file in files.below(place)}


def run_with(hooks, project, stamp, pipeline=PIPELINE):
    manager = _create_hook_manager()
    for hook in (TraceRun("mnistm_da"), *hooks):
        manager.register(hook)
    catalog, run_params = project.catalog(stamp), {"run_id": stamp}
    manager.hook.before_pipeline_run(run_params=run_params, pipeline=pipeline, catalog=catalog)
    SequentialRunner().run(pipeline, catalog, manager)
    manager.hook.after_pipeline_run(run_params=run_params, run_result={}, pipeline=pipeline, catalog=catalog)


def test_what_is_fresh_stale_missing_and_corrupt_is_told(project):
    project.run("v1")
    assert project.stale() == {}
    assert project.stale(size=LONGER)["cut"] == ["parameter size.width 3 → 4"]
    assert project.stale(left=2)["scale"] == ["parameter left 1 → 2"]
    project.run("v2", "cut", size=LONGER)
    assert project.stale(size=LONGER)["scale"] == ["input cut has a newer version"]
    files.delete(project.path("cut", "v2").parent)
    files.delete(project.path("right", "v1").parent)
    project.path("left", "v1").write_text("[0]")
    files.delete(records.record_path(project.path("picture", "v1")))
    why = project.stale()
    assert why["turn"] == ["there is no right"]
    assert why["scale"] == ["left is corrupt"]
    assert why["draw"][0] == "picture was not finished, or made outside of a run"
    with files.listed_once():  # as the commands look
        assert project.stale() == why


def test_a_record_that_was_edited_is_told(project):
    project.run("v1")
    path = records.record_path(project.path("left", "v1"))
    path.write_text(path.read_text().replace('"left": 1', '"left": 2'))
    assert project.stale()["scale"] == ["the record of left is damaged or was edited"]
    with pytest.raises(DatasetError, match=r"left\.json\.lineage\.json is damaged or was edited.*--only-stale"):
        project.catalog()["left"].load()


def test_inputs_of_different_ancestors_and_a_clock_that_is_behind_are_refused(project):
    project.run("v3")
    project.run("v4", "cut", "scale", size=LONGER)
    with pytest.raises(click.UsageError, match=r"'left' comes from 'cut' of v4, 'right' from that of v3"):
        project.run("v5", "join")
    with pytest.raises(click.UsageError, match=r"clock of this machine is behind.*'cut', which has one of v4"):
        project.run("v2", "cut")


def test_the_chain_goes_from_raw_data_to_the_artifact(project):
    project.run("v1")
    assert versions.find("picture", project.catalog()) == ("picture", "v1")
    steps = versions.chain("picture", "v1", project.catalog())
    assert [step[0] for step in steps] == ["cut", "left", "right", "both", "picture"]


def test_pruning_keeps_what_a_kept_version_descends_from_and_what_a_run_may_read(project):
    for stamp, width in (("v1", 3), ("v2", 4), ("v3", 5)):
        project.run(stamp, *(["cut"] if width > 3 else []), size={"width": width, "height": 1})
    catalogs = [project.catalog(), project.catalog()]
    assert versions.superseded(NAMES, 1, catalogs, [leases.mine("v2")]) == []
    [(name, version, folder)] = versions.superseded(NAMES, 1, catalogs)
    assert (name, version) == ("cut", "v2")
    size = sum(file.bytes for file in files.below(folder))
    before = versions.used(NAMES, project.catalog())
    assert versions.freed([folder]) == size > 0
    files.delete(folder)
    files.delete(folder)  # another prune was quicker
    assert versions.versions(project.catalog()["cut"]) == ["v3", "v1"]
    assert versions.used(NAMES, project.catalog()) == before - size
    assert versions.abandoned(NAMES, project.catalog()) == []


def test_what_is_deleted_goes_data_first(project, monkeypatch):
    """Killed in between, prune leaves a record without data, which is no version, and which the next prune takes."""
    project.run("v1")
    project.run("v2", "cut")
    deleted = []

    def die(path):
        if deleted:
            raise KeyboardInterrupt
        deleted.append(path)
        remove(path)

    remove = project.folder.fs.rm_file
    monkeypatch.setattr(project.folder.fs, "rm_file", die)
    with pytest.raises(KeyboardInterrupt):
        files.delete(project.path("cut", "v2").parent)
    monkeypatch.undo()
    assert deleted == [project.path("cut", "v2").path]
    assert versions.versions(project.catalog()["cut"]) == ["v1"]
    left = versions.abandoned(NAMES, project.catalog())
    assert left == [records.record_path(project.path("cut", "v2"))]
    assert versions.abandoned(NAMES, project.catalog(), [leases.mine("v2")]) == [], "a run may be saving it"


def test_a_lease_is_there_while_a_run_is_and_no_longer(project):
    seen = []

    def look(cut):
        seen.extend(leases.all_leases(project.folder).items())

    whole = Pipeline([*PIPELINE.nodes[:1], node(look, "cut", None, name="look")])
    run_with([HoldLease(lambda catalog: project.folder)], project, "v1", whole)
    [(path, lease)] = seen
    assert (lease.version, lease.process) == ("v1", os.getpid())
    assert leases.all_leases(project.folder) == {}
    assert not leases.is_held(path, Lease("another", 1, "v1")), "it is gone"


def test_a_store_that_is_gone_at_the_end_of_a_run_does_not_spoil_it(project, monkeypatch):
    hold = HoldLease(lambda catalog: project.folder)
    run = {"run_params": {"run_id": "v1"}}
    hold.before_pipeline_run(**run, pipeline=PIPELINE, catalog=project.catalog("v1"))

    def fail(*args, **kwargs):
        raise ConnectionError("gone")

    monkeypatch.setattr(project.folder.fs, "find", fail)
    hold.after_pipeline_run(**run)
    monkeypatch.undo()
    assert len(leases.all_leases(project.folder)) == 1


def test_what_runs_that_are_no_more_left_is_told_from_what_lives(project, monkeypatch):
    root, mine = project.folder, leases.mine("v2")
    dead, other = Lease(mine.host, ended_process(), "v1"), Lease("another", 1, "v3")
    for lease in (dead, mine, other):
        path = leases.write(root, lease)
        (path.parent / path.stem / "x.json").write_text("{}")  # as a reproduction has beside its lease
        assert leases.is_held(path, lease) is (lease is not dead)
    gone = f"v1.{dead.process}"
    assert [one.name for one in leases.left_over(root)] == [gone, f"{gone}.json"]
    for one in leases.left_over(root):
        files.delete(one)
    assert leases.left_over(root) == []
    assert len(leases.all_leases(root)) == 2
    monkeypatch.setattr(leases, "OTHER_HOSTS_DAYS", -1)
    assert not leases.is_held(path, other), "it is too old"


def test_what_is_made_again_elsewhere_is_found_there_and_kept_or_gone(project):
    project.run("v1")
    project.catalog("v2")["cut"].save([5])
    before = everything(project.folder)
    with elsewhere.saved_elsewhere(project.folder) as folder:
        elsewhere.bring("cut", "v2", project.catalog())
        run_with([elsewhere.SaveElsewhere()], project, "v3", PIPELINE.filter(node_names=["turn", "scale"]))
        assert json.loads((folder / "right.json/v3/right.json").read_text()) == [5]
        assert versions.versions(project.catalog()["right"]) == ["v1"]
        elsewhere.keep(["left"], project.catalog())
    kept = {str(path) for path in (project.path("left", "v3"), records.record_path(project.path("left", "v3")))}
    assert everything(project.folder) == before | kept
    assert project.catalog()["left"].load() == [5]


def test_what_has_been_saved_so_far_is_gathered(project):
    project.run("v1", "cut", "scale")
    gathered = SavedDatasets(names=["left", "right"])
    gathered.bind(project.catalog())
    found = gathered.load()
    assert list(found) == ["left"]
    assert (found["left"].version, found["left"].record["node"], found["left"].load()) == ("v1", "scale", [0, 1, 2])
