"""The command line as a user types it: in a separate process where that matters, else in this one."""

import json
import signal
import subprocess
import sys

import pandas as pd
import pytest
from safetensors import numpy as safetensors

from conftest import FAST, newest
from mnistm_da.lineage import leases


def test_old_versions_are_pruned(project, kedro_here):
    for seed in (4, 5):
        done = kedro_here("run", "--pipelines=data", "--env=sample", f"--params=seed={seed}", cwd=project)
        assert done.returncode == 0, done.stdout + done.stderr
    files = set((project / "data/sample").rglob("*"))
    first = min((project / "data/sample/08_reporting/sample_grid.png").iterdir()).name
    lease = leases.write(project / "data/sample", leases.mine(first))
    spared = kedro_here("prune", "--keep=1", "--dry-run", "--env=sample", cwd=project)
    assert f"a run is under way, of version {first}" in spared.stdout
    assert "sample_grid@" not in spared.stdout
    lease.unlink()
    shown = kedro_here("prune", "--keep=1", "--dry-run", "--env=sample", cwd=project)
    assert "would delete sample_grid@" in shown.stdout, shown.stdout
    assert set((project / "data/sample").rglob("*")) == files
    done = kedro_here("prune", "--keep=1", "--env=sample", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((project / "data/sample/08_reporting/sample_grid.png").iterdir())) == 1
    again = kedro_here("run", "--pipelines=data", "--env=sample", "--params=seed=5", "--only-stale", cwd=project)
    assert "Nothing is stale" in again.stdout, again.stdout


def test_versions_of_a_pair_that_is_named_are_pruned_too(project, kedro_here):
    pair = "--params=source=optdigits,target=mnist_sample"
    for _ in range(2):
        done = kedro_here("run", "--nodes=ingest_source", "--env=digits", pair, cwd=project)
        assert done.returncode == 0, done.stdout + done.stderr
    shown = kedro_here("prune", "--keep=1", "--dry-run", "--env=digits", pair, cwd=project)
    assert "would delete source@" in shown.stdout, shown.stdout
    assert "would delete" not in kedro_here("prune", "--keep=1", "--dry-run", "--env=digits", cwd=project).stdout


def test_damage_is_told_before_it_is_used(project, kedro_here):
    arguments = ["--pipelines=source_only", "--env=sample"]
    kedro_here("run", *arguments, f"--params={FAST}", cwd=project)
    path = newest(project, "source_only.predictions.safetensors")
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    done = kedro_here("run", *arguments, "--nodes=source_only.evaluate", f"--params={FAST}", cwd=project)
    assert done.returncode != 0
    text = " ".join((done.stdout + done.stderr).split())
    assert "is damaged" in text
    assert "--only-stale (its node is source_only.predict)" in text
    cured = kedro_here("run", *arguments, "--only-stale", f"--params={FAST}", cwd=project)
    assert cured.returncode == 0, cured.stdout + cured.stderr


def test_the_old_spelling_and_the_seed_work(project, kedro):
    params = f"--params={FAST},seed=7"
    asked = ("--pipeline=source_only", "--env=sample", "--to-outputs=source_only.metrics", params)
    done = kedro("run", *asked, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "deprecated" not in done.stdout + done.stderr
    assert json.loads(newest(project, "source_only.metrics.json").read_text())["seed"] == 7


def test_the_parallel_runner_gives_the_same_scores(project, kedro, kedro_here):
    """With as many threads in each: sums in another order round differently."""
    scores, both = [], ("source_only", "target_only")
    outputs = ",".join(f"{name}.metrics" for name in both)
    scored = (f"--pipelines={','.join(both)}", "--env=sample", f"--to-outputs={outputs}", f"--params={FAST}")
    for runner in ("SequentialRunner", "ParallelRunner"):
        done = kedro("run", *scored, f"--runner={runner}", cwd=project, OMP_NUM_THREADS="1")
        assert done.returncode == 0, done.stdout + done.stderr
        scores.append([json.loads(newest(project, f"{name}.metrics.json").read_text())["target_test"] for name in both])
    assert scores[0] == scores[1]
    nothing = kedro_here("run", *scored, "--runner=ParallelRunner", "--only-stale", cwd=project)
    assert "Nothing is stale" in nothing.stdout, nothing.stdout


def test_the_benchmark_runs_what_is_missing(project, kedro_here):
    arguments = ["--env=sample", f"--params={FAST},benchmark.algorithms=source_only adabn,benchmark.seeds=1"]
    for remembered in (False, True):
        done = kedro_here("run", "--pipelines=benchmark", *arguments, cwd=project)
        assert done.returncode == 0, done.stdout + done.stderr
        assert ("2 of 2 units were finished before" in done.stdout) is remembered
    table = pd.read_csv(newest(project, "benchmark.csv"))
    assert list(table["algorithm"]) == ["source_only", "adabn"]

    alone = ["--pipelines=adabn", "--env=sample", f"--params={FAST},seed=1", "--to-nodes=adabn.evaluate"]
    done = kedro_here("run", *alone, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    [record] = (project / "data/sample/08_reporting/benchmark_runs").glob("adabn.seed1.*.json")
    scores = json.loads(newest(project, "adabn.metrics.json").read_text())
    assert json.loads(record.read_text()).items() >= scores.items()


DYING = """
import os, runpy, signal
from mnistm_da.storage import whole

flush, saves = whole._flush_to_disk, []

def flush_or_die(path):
    saves.extend([path] if path.name.startswith(".adabn.training_state.safetensors.") else [])
    if len(saves) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    flush(path)

whole._flush_to_disk = flush_or_die
runpy.run_module("kedro", run_name="__main__")
"""
"""A command that is killed in the middle of the save after its third epoch."""


def test_a_killed_training_goes_on_to_the_same_bits(sample_copy, kedro_here):
    nodes = ["--pipelines=adabn", "--env=sample", "--nodes=adabn.train,adabn.collect"]
    params = "training.epochs=5,training.batch_size=128,network.width=4,seed=5"
    states = sample_copy / "data/sample/06_models/adabn.training_state.safetensors"
    before = set(states.glob("*/*.safetensors"))
    command = [sys.executable, "-c", DYING, "run", *nodes, f"--params={params}"]
    killed = subprocess.run(command, cwd=sample_copy, capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stdout + killed.stderr
    [left] = set(states.glob("*/*.safetensors")) - before
    epochs = len(json.loads(bytes(safetensors.load_file(left)["history"])))
    assert epochs == 2

    other = kedro_here("run", *nodes, f"--params={params},training.epochs=6,resume=true", cwd=sample_copy)
    assert other.returncode != 0
    assert "training.epochs 5 → 6" in " ".join((other.stdout + other.stderr).split())

    weights = []
    for resume, said in (("true", f"going on after epoch {epochs}"), ("false", "training adabn for 5 epochs")):
        done = kedro_here("run", *nodes, f"--params={params},resume={resume}", cwd=sample_copy)
        assert done.returncode == 0, done.stdout + done.stderr
        assert said in " ".join(done.stdout.split())
        weights.append(newest(sample_copy, "adabn.checkpoints.safetensors").read_bytes())
    assert weights[0] == weights[1]


def test_a_training_that_diverges_says_where(project, kedro_here):
    params = f"--params={FAST},training.learning_rate=1e30,training.warmup=0"
    done = kedro_here("run", "--pipelines=source_only", "--env=sample", params, cwd=project)
    assert done.returncode != 0
    text = " ".join((done.stdout + done.stderr).split())
    assert "of epoch 1: loss term classification is not finite" in text
    assert "Lower training.learning_rate" in text
    assert "failed in source_only.train; when that is mended, go on with" in text
    assert f"{params} --only-stale" in text


def test_a_raw_folder_that_does_not_exist_is_named(project, kedro_here, tmp_path, monkeypatch):
    monkeypatch.setenv("MNISTM_RAW_DIR", str(tmp_path / "nowhere"))
    done = kedro_here("run", "--pipelines=data", cwd=project)
    assert done.returncode != 0
    text = " ".join((done.stdout + done.stderr).split())
    assert "MNISTM_RAW_DIR" in text
    assert "nowhere" in text


@pytest.mark.real_data
def test_the_real_data_run_from_raw_files(project, kedro):
    """DANN from raw files to scores on all 70,000 digits, its training cut to one epoch of 2,000 of them."""
    few = "splitting.source_validation=58000,splitting.target_validation=58000"
    params = f"--params={FAST},{few}"
    done = kedro("run", "--pipelines=dann", "--to-outputs=dann.metrics", params, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    [metrics] = (project / "data/08_reporting").glob("dann.metrics.json/*/dann.metrics.json")
    scores = json.loads(metrics.read_text())
    assert scores["target_test"]["count"] == scores["source_test"]["count"] == 10_000
