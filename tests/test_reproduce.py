"""`kedro reproduce` on the real project: by its records, without a change to the saved versions."""

import json
import os
import shutil
import subprocess
import sys
from importlib import import_module

import pytest

from conftest import FAST, newest
from mnistm_da.lineage import leases, records

HERE = "--env=sample"


def said(done):
    return " ".join((done.stdout + done.stderr).split())


def files(project):
    """Every file there is, but what another test may have left of runs."""
    return {path for path in (project / "data/sample").rglob("*") if path.is_file()}


@pytest.fixture
def data(project, kedro_here):
    done = kedro_here("run", "--pipelines=data", HERE, "--params=seed=6", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    return project


def test_a_prediction_is_made_again_from_the_pictures_and_with_the_threads_of_then(
    project, kedro_here, tmp_path, monkeypatch
):
    pictures, moved = tmp_path / "pictures", tmp_path / "moved"
    shutil.copytree(project / "docs/pictures", pictures)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    for arguments in (
        ("--pipelines=source_only", "--to-nodes=source_only.select", f"--params={FAST},seed=3"),
        ("--pipelines=predict", f"--params=images={pictures},model=source_only"),
    ):
        done = kedro_here("run", HERE, *arguments, cwd=project)
        assert done.returncode == 0, done.stdout + done.stderr
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    made = records.read(newest(project, "source_only.training_state.safetensors"))
    assert made["facts"]["threads"] == 2
    told = kedro_here("lineage", "source_only.model", HERE, cwd=project)
    assert "source_only.train" in told.stdout
    assert "seed = 3" in told.stdout
    before = files(project)
    for name in ("source_only.model", "user_predictions"):
        again = kedro_here("reproduce", name, HERE, cwd=project)
        assert "came out the same, byte for byte" in said(again), said(again)
        assert files(project) == before, "something of it stayed"
    told = kedro_here("lineage", "user_predictions", HERE, cwd=project)
    assert f"read from {pictures}" in said(told)
    (pictures / "0.png").unlink()
    assert kedro_here("lineage", "user_predictions", HERE, cwd=project).stdout == told.stdout
    changed = kedro_here("reproduce", "user_predictions", HERE, cwd=project)
    assert changed.returncode == 2
    assert f"the pictures of then are no more: those in {pictures} today are others" in said(changed)
    shutil.rmtree(pictures)
    assert kedro_here("lineage", "user_predictions", HERE, cwd=project).stdout == told.stdout
    gone = kedro_here("reproduce", "user_images", HERE, cwd=project)
    assert f"the pictures of then are gone: there is nothing at {pictures}" in said(gone)
    status = kedro_here("status", "--pipelines=predict", HERE, f"--params=images={pictures}", cwd=project)
    assert f"raw data user_pictures is gone: {pictures}" in said(status)
    shutil.copytree(project / "docs/pictures", moved)
    found = kedro_here("reproduce", "user_images", HERE, f"--params=images={moved}", cwd=project)
    assert "came out the same, byte for byte" in said(found), said(found)
    assert files(project) == before


def test_what_differs_is_named(data, kedro_here):
    path = newest(data, "target_test.safetensors")
    record = records.read(path) | {"content": "0"}
    record["libraries"] = record["libraries"] | {"numpy": "0.1"}
    records.record_path(path).write_text(json.dumps(record | {"seal": records._seal(record)}))
    done = kedro_here("reproduce", "target_test", HERE, cwd=data)
    assert done.returncode == 1
    assert "came out different. Unlike then: numpy 0.1 →" in said(done)
    shutil.rmtree(path.parent)


def test_what_is_kept_becomes_the_newest(data, kedro_here):
    before = newest(data, "target_test.safetensors")
    done = kedro_here("reproduce", "target_test", HERE, "--keep", cwd=data)
    assert "the same, byte for byte" in said(done)
    after = newest(data, "target_test.safetensors")
    assert after != before
    assert after.read_bytes() == before.read_bytes()
    fresh = kedro_here("run", "--pipelines=data", HERE, "--params=seed=6", "--only-stale", cwd=data)
    assert "Nothing is stale" in said(fresh)


def test_an_interruption_leaves_nothing(data, kedro_here, monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    before = files(data)
    monkeypatch.setattr(import_module("mnistm_da.cli.reproduce"), "_made_again", interrupt)
    done = kedro_here("reproduce", "target_test", HERE, "--keep", cwd=data)
    assert done.returncode != 0
    assert files(data) == before


STOPPING = """
import os, runpy, signal
from mnistm_da.storage import whole

flush = whole._flush_to_disk

def flush_and_stop(path):
    flush(path)
    if (path / "source.safetensors").is_file():
        os.kill(os.getpid(), signal.SIGSTOP)

whole._flush_to_disk = flush_and_stop
runpy.run_module("kedro", run_name="__main__")
"""
"""A command that stops for a while when it has saved one artifact."""


def test_a_kill_leaves_nothing_that_a_run_sees_and_prune_takes_it_away(data, kedro_here):
    kedro_here("prune", "--keep=999", HERE, cwd=data)  # what other tests' killed runs left
    before = files(data)
    apart = data / "data/sample" / leases.FOLDER
    arguments = [sys.executable, "-c", STOPPING, "reproduce", "target_test", HERE]
    with subprocess.Popen(arguments, cwd=data, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as killed:
        _, status = os.waitpid(killed.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), "it ended before it had made anything"
        alive = kedro_here("prune", "--keep=999", HERE, cwd=data)
        assert "a run is under way" in said(alive)
        killed.kill()
    left = files(data) - before
    assert left
    assert all(apart in path.parents for path in left)
    fresh = kedro_here("run", "--pipelines=data", HERE, "--params=seed=6", "--only-stale", cwd=data)
    assert "Nothing is stale" in said(fresh)
    done = kedro_here("prune", "--keep=999", HERE, cwd=data)
    assert done.returncode == 0, said(done)
    assert files(data) == before
