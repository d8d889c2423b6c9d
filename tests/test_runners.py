"""Which runners a run may have, on the real project."""

import json

import click
import pytest
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.runner import SequentialRunner, ThreadRunner

from conftest import newest


@pytest.mark.parametrize("option", ["--async", "--runner-params=is_async=True", "--runner=ThreadRunner"])
def test_threads_are_refused_by_name_before_anything_runs(project, kedro_here, option):
    before = set((project / "data").rglob("*"))
    done = kedro_here("run", "--pipelines=data", "--env=sample", option, cwd=project)
    assert done.returncode == 2
    said = " ".join((done.stdout + done.stderr).split())
    assert ("ThreadRunner" if "Thread" in option else "--async") + " cannot be used here: threads would share" in said
    assert "Nothing was run" in said
    assert "--runner=ParallelRunner" in said
    assert set((project / "data").rglob("*")) == before


class Disguised(ThreadRunner):
    """The same under another name."""


Disguised.__name__ = Disguised.__qualname__ = "Quick"


@pytest.mark.parametrize("make", [lambda: SequentialRunner(is_async=True), ThreadRunner, Disguised])
def test_threads_are_refused_in_a_session_too(project, root, make):
    before = set((project / "data").rglob("*.safetensors"))
    bootstrap_project(project)
    try:
        with (
            KedroSession.create(project_path=project, env="sample") as session,
            pytest.raises(click.UsageError, match=r"cannot be used here: threads would share one random generator"),
        ):
            session.run(pipeline_names=["data"], runner=make())
    finally:
        bootstrap_project(root)
    assert set((project / "data").rglob("*.safetensors")) == before


def test_workers_that_are_started_afresh_write_records_too(project, kedro):
    """As on macOS, on Windows, and on Linux from Python 3.14 on."""
    nodes = ("--pipelines=data", "--nodes=ingest_source,split_source", "--env=sample")
    done = kedro("run", *nodes, "--runner=ParallelRunner", cwd=project, starts_afresh=True, KEDRO_MP_CONTEXT="spawn")
    assert done.returncode == 0, done.stdout + done.stderr
    made = newest(project, "source_train.safetensors")
    record = json.loads(made.with_name(f"{made.name}.lineage.json").read_text())
    assert record["node"] == "split_source"
    assert record["run"] == made.parent.name
    assert list(record["inputs"]) == ["source"]


def test_status_as_json_is_json_alone(project, kedro):
    done = kedro("status", "--pipelines=data", "--env=sample", "--json", cwd=project)
    assert {one["state"] for one in json.loads(done.stdout)} <= {"fresh", "stale", "missing"}


def test_status_as_json_is_json_alone_in_this_process_too(project, kedro_here):
    done = kedro_here("status", "--pipelines=source_only", "--env=sample", "--json", cwd=project)
    assert len(json.loads(done.stdout)) > 10
