"""Chains, sizes and pruning of versions, on a small pipeline."""

import os
import shlex
import shutil
import subprocess
import sys

import pytest
from kedro.io import DatasetError

from mnistm_da.lineage import records, versions
from mnistm_da.storage import files
from small_project import NAMES


def test_the_chain_goes_from_raw_data_to_the_artifact(project):
    project.run("v1")
    steps = versions.chain("picture", "v1", project.catalog())
    assert [step[0] for step in steps] == ["cut", "left", "right", "both", "picture"]


def test_pruning_keeps_what_a_kept_version_descends_from(project):
    project.run("v1")
    project.run("v2", "cut", size={"width": 4, "height": 1})
    project.run("v3", "cut", size={"width": 5, "height": 1})
    old = versions.superseded(NAMES, 1, [project.catalog()])
    assert [(name, version) for name, version, _ in old] == [("cut", "v2")]  # v1 is an ancestor of all the others
    assert versions.freed([folder for _, _, folder in old]) > 0
    files.delete(old[0][2])
    assert versions.versions(project.catalog()["cut"]) == ["v3", "v1"]


def test_a_version_that_shares_its_place_frees_nothing_of_it(project):
    project.run("v1")
    project.run("v2", "draw")
    doomed = project.path("picture", "v1").parent
    record = records.record_path(project.path("picture", "v1"))
    assert versions.freed([doomed]) == record.stat().st_size


def test_damage_names_all_versions_that_share_it_and_the_cures_work(project):
    project.run("v1", size={"width": 4, "height": 1})
    for stamp in ("v2", "v3"):
        project.run(stamp, "cut")
    damaged = project.path("cut", "v3")
    damaged.write_text("[0, 1, 3]")  # as long as before
    with pytest.raises(DatasetError, match=r"v3/cut\.json is damaged.* one file with version v2,") as error:
        project.catalog()["cut"].load()
    project.run("v4", "cut")
    assert project.catalog()["cut"].load() == [0, 1, 2]
    assert not project.path("cut", "v4").samefile(damaged)
    files.delete(project.path("cut", "v4").parent)
    for folder in shlex.split(str(error.value).split("delete ")[1]):
        shutil.rmtree(folder)
    assert project.catalog()["cut"].load() == [0, 1, 2, 3]


def test_two_damaged_files_are_not_linked_to(project):
    project.run("v1")
    project.run("v2", "cut", size={"width": 4, "height": 1})
    for stamp in ("v1", "v2"):
        project.path("cut", stamp).write_text("[0, 1, 9]")
    project.run("v3", "cut")
    assert project.catalog()["cut"].load() == [0, 1, 2]


def test_a_version_that_cannot_be_linked_is_a_file_by_itself(project, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError("no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    project.run("v1")
    project.run("v2", "cut")
    assert not project.path("cut", "v1").samefile(project.path("cut", "v2"))
    assert project.catalog()["cut"].load() == [0, 1, 2]
    assert [path.name for path in project.path("cut", "v2").parent.glob(".*")] == []


def test_what_killed_processes_left_can_be_taken_away(project):
    project.run("v1")
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    dead, alive = (project.path("cut", "v1").with_name(f".cut.json.{pid}.tmp") for pid in (ended.pid, os.getpid()))
    half_deleted = project.folder / "cut.json" / ".v0.deleted"
    half_deleted.mkdir()
    for path in (dead, alive, half_deleted / "cut.json"):
        path.write_text("0123456789")
    left = versions.abandoned(NAMES, project.catalog())
    assert left == sorted([half_deleted, dead])
    assert versions.freed(left) == 20
    for path in left:
        files.delete(path)
    assert not dead.exists()
    assert not half_deleted.exists()
    assert alive.exists(), "another run is saving there"
    assert versions.versions(project.catalog()["cut"]) == ["v1"]


def test_the_size_of_all_versions_counts_what_they_share_once(project):
    project.run("v1")
    one = versions.used(["cut"], project.catalog())
    project.run("v2", "cut")
    record = records.record_path(project.path("cut", "v2")).stat().st_size
    assert versions.used(["cut"], project.catalog()) == one + record


def test_what_is_looked_for_and_not_there_is_named(project):
    project.run("v1")
    catalog = project.catalog()
    assert versions.find("cut", catalog) == ("cut", "v1")
    with pytest.raises(DatasetError, match="no version v9; it has v1"):
        versions.find("cut@v9", catalog)
    with pytest.raises(DatasetError, match="no saved version of a dataset 'nothing'"):
        versions.find("nothing", catalog)
