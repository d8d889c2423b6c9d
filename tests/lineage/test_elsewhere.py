"""Runs that save in a folder apart, which is gone afterwards."""

import json
from pathlib import Path

import click
import pytest
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.runner import SequentialRunner

from mnistm_da.lineage import elsewhere, leases, versions
from mnistm_da.lineage.trace import TraceRun
from small_project import PIPELINE


def run_apart(project, stamp, *nodes):
    hooks = _create_hook_manager()
    for hook in (TraceRun("mnistm_da"), elsewhere.SaveElsewhere()):
        hooks.register(hook)
    pipeline, catalog = PIPELINE.filter(node_names=nodes or None), project.catalog(stamp)
    hooks.hook.before_pipeline_run(run_params={}, pipeline=pipeline, catalog=catalog)
    SequentialRunner().run(pipeline, catalog, hooks)


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def test_what_is_saved_apart_is_found_there_and_nowhere_afterwards(project):
    project.run("v1")
    before = files(project.folder)
    with elsewhere.saved_elsewhere(project.folder) as folder:
        assert elsewhere.is_active()
        assert len(leases.all_leases(project.folder)) == 1
        run_apart(project, "v2", "cut", "scale")
        run_apart(project, "v3", "turn", "join")
        assert versions.versions(project.catalog()["both"]) == ["v1"]
        assert (folder / "both.json/v3/both.json").exists()
    assert files(project.folder) == before
    assert not elsewhere.is_active()


def test_what_is_kept_goes_to_its_place(project):
    project.run("v1")
    with elsewhere.saved_elsewhere(project.folder):
        run_apart(project, "v2")
        elsewhere.keep(["cut", "both"], project.catalog())
    assert versions.versions(project.catalog()["both"]) == ["v2", "v1"]
    assert versions.versions(project.catalog()["picture"]) == ["v1"]
    assert project.catalog()["both"].load() == [0, 1, 2, 2, 1, 0]


def test_what_was_saved_by_hand_is_brought(project):
    project.catalog("v1")["cut"].save([5])
    with elsewhere.saved_elsewhere(project.folder) as folder:
        elsewhere.bring("cut", "v1", project.catalog())
        run_apart(project, "v2", "turn")
        assert json.loads((folder / "right.json/v2/right.json").read_text()) == [5]


def test_an_interruption_leaves_nothing(project):
    def interrupted():
        with elsewhere.saved_elsewhere(project.folder):
            run_apart(project, "v1")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert files(project.folder) == set()


def test_where_nothing_can_be_written_it_is_told(project):
    (project.folder / leases.FOLDER).write_text("a file")
    with (
        pytest.raises(click.UsageError, match=r"could not make the folder .*\.runs"),
        elsewhere.saved_elsewhere(project.folder),
    ):
        raise AssertionError("it went on")
