"""Runs under way: what prune leaves to them, and that none reads another run's version of what it made itself."""

import json
import os
import shutil
import subprocess
import sys
import time

import click
import pytest
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DatasetError
from kedro.pipeline import Pipeline, node
from kedro.runner import SequentialRunner
from upath import UPath

from mnistm_da.lineage import leases, versions
from mnistm_da.lineage.leases import HoldLease, Lease
from mnistm_da.lineage.trace import TraceRun
from small_project import NAMES, PIPELINE, join


def size(width):
    return {"width": width, "height": 1}


def run_held(project, stamp, pipeline=PIPELINE, **run_params):
    """Run as Kedro does, with a lease."""
    hooks = _create_hook_manager()
    for hook in (TraceRun("mnistm_da"), HoldLease(lambda catalog: project.folder)):
        hooks.register(hook)
    catalog, run_params = project.catalog(stamp), {"run_id": stamp} | run_params
    hooks.hook.before_pipeline_run(run_params=run_params, pipeline=pipeline, catalog=catalog)
    try:
        SequentialRunner().run(
            pipeline, catalog, hooks, only_missing_outputs=bool(run_params.get("only_missing_outputs"))
        )
    except Exception as error:
        hooks.hook.on_pipeline_error(error=error, run_params=run_params, pipeline=pipeline, catalog=catalog)
        raise
    hooks.hook.after_pipeline_run(run_params=run_params, run_result={}, pipeline=pipeline, catalog=catalog)


@pytest.fixture
def old(project):
    """Three runs; gives what of their first output prune would delete beside runs."""
    for number in (1, 3, 5):
        project.run(f"v{number}", size=size(number))

    def look(*running):
        found = versions.superseded(NAMES, 1, [project.catalog()], running)
        return sorted(version for name, version, _ in found if name == "cut")

    return look


def test_prune_leaves_to_a_run_what_was_newest_when_it_began_and_what_came_since(old):
    assert old() == ["v1", "v3"]
    assert old(leases.mine("v2")) == []
    assert old(leases.mine("v3")) == []
    assert old(leases.mine("v4")) == ["v1"]
    assert old(leases.mine("v6")) == ["v1", "v3"]
    assert old(leases.mine("v6", {"cut": "v1"})) == ["v3"]


def test_prune_leaves_what_these_were_made_from(project, old):
    project.run("v7", "draw", load={"both": "v1"})
    project.run("v9", "draw", load={"both": "v3"})
    assert old() == ["v1"]
    assert old(leases.mine("v8")) == []


def test_a_lease_is_there_while_a_run_is_and_no_longer(project):
    seen = []

    def look(cut):
        seen.extend(leases.all_leases(project.folder).values())

    def fail(cut):
        raise ValueError("stopped")

    whole = Pipeline([*PIPELINE.nodes[:1], node(look, "cut", None, name="look")])
    run_held(project, "v1", whole, load_versions={"left": "v0"})
    assert [(one.version, one.process, one.pinned) for one in seen] == [("v1", os.getpid(), {"left": "v0"})]
    assert os.uname().nodename not in json.dumps(vars(seen[0]))
    assert leases.all_leases(project.folder) == {}
    with pytest.raises(ValueError, match="stopped"):
        run_held(project, "v2", Pipeline([*PIPELINE.nodes[:1], node(fail, "cut", None, name="fail")]))
    assert leases.all_leases(project.folder) == {}


def test_a_lease_counts_as_long_as_its_process(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    mine, other = leases.mine("v1"), Lease("another", 1, "v1")
    for lease, held in ((mine, True), (Lease(mine.host, ended.pid, "v2"), False), (other, True)):
        path = leases.write(tmp_path, lease)
        assert leases.all_leases(tmp_path)[path] == lease
        assert leases.is_held(path, lease) is held
    long_ago = time.time() - (leases.OTHER_HOSTS_DAYS + 1) * 24 * 3600
    os.utime(path, (long_ago, long_ago))
    assert not leases.is_held(path, other)


def test_two_runs_of_one_millisecond_are_not_one_version(project):
    other = leases.write(project.folder, Lease("another", 1, "v1"))
    with pytest.raises(click.UsageError, match="another run began in the same millisecond, and both would be version"):
        run_held(project, "v1")
    assert not project.path("cut", "v1").exists()
    assert list(leases.all_leases(project.folder)) == [other]
    run_held(project, "v2")


def test_a_later_version_of_a_run_under_way_says_nothing_of_the_clock(project):
    project.run("v2")
    trace = TraceRun("mnistm_da", running=lambda catalog: leases.running(project.folder))
    with pytest.raises(click.UsageError, match="clock of this machine is behind"):
        trace.before_pipeline_run(PIPELINE, project.catalog("v1"))
    leases.write(project.folder, Lease("another", 1, "v2"))
    trace.before_pipeline_run(PIPELINE, project.catalog("v1"))


def test_what_is_no_lease_is_passed_over(tmp_path):
    (tmp_path / leases.FOLDER).mkdir()
    (tmp_path / leases.FOLDER / "a.json").write_text("{")
    (tmp_path / leases.FOLDER / "b.json").write_text('{"a": 1}')
    assert leases.all_leases(tmp_path) == {}


def test_where_nothing_can_be_written_there_is_no_lease(tmp_path):
    (tmp_path / leases.FOLDER).write_text("a file")
    assert leases.write(tmp_path, leases.mine("v1")) is None


def test_a_run_never_goes_on_with_another_runs_version_of_what_it_made(project):
    project.run("v0", size=size(9))

    def spoil(cut):
        shutil.rmtree(project.path("cut", "v1").parent)
        project.run("v2", "cut", size=size(7))
        return cut

    first = node(spoil, "cut", "left", name="spoil")
    then = node(join, ["left", "cut"], "right", name="then")
    with pytest.raises(DatasetError, match=r"v1/cut\.json is gone: this run saved it.*Run again"):
        run_held(project, "v1", Pipeline([PIPELINE.nodes[0], first, then]))
    assert not project.path("right", "v1").exists()


def test_a_node_that_is_left_out_for_its_output_is_there_may_be_read(project):
    project.run("v1", size=size(2))
    for name in ("left", "both", "picture"):
        shutil.rmtree(project.folder / f"{name}.json")
    run_held(project, "v2", only_missing_outputs=True)
    assert project.catalog()["both"].load() == [0, 1, 1, 0]


def test_prune_spares_the_temporary_files_of_runs_on_other_computers(project):
    project.run("v1")
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    writing = project.path("cut", "v1").with_name(f".cut.json.{ended.pid}.tmp")
    writing.write_text("")
    assert versions.abandoned(NAMES, project.catalog(), [Lease("another", ended.pid, "v1")]) == []
    assert versions.abandoned(NAMES, project.catalog()) == [writing]


def test_what_runs_that_are_no_more_left_is_told_from_what_lives(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    dead, mine = Lease(leases.mine("v1").host, ended.pid, "v1"), leases.mine("v2")
    for lease in (dead, mine):
        path = leases.write(tmp_path, lease)
        path.with_suffix("").mkdir()  # as a reproduction has beside its lease
    path.with_name(f".v3.json.{os.getpid()}.tmp").write_text("")
    gone = f"v1.{ended.pid}"
    assert [path.name for path in leases.left_over(tmp_path)] == [gone, f"{gone}.json"]
    assert leases.left_over(tmp_path / "nowhere") == []


def test_a_lease_that_cannot_be_read_is_told_since_its_run_may_be_under_way(tmp_path):
    (tmp_path / leases.FOLDER / "v1.1.json").mkdir(parents=True)
    with pytest.raises(click.UsageError, match=r"v1\.1\.json cannot be read \(Is a directory\), so it is not known"):
        leases.running(UPath(tmp_path))
