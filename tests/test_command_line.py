"""The command line as a user types it: in a process of its own where that matters, else in this one."""

import json
import re
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from safetensors import numpy as safetensors

from conftest import SAMPLE_RUN, newest
from mnistm_da.adaptation.measures.percent import percent_with_error
from mnistm_da.lineage import leases
from mnistm_da.pipeline_registry import register_pipelines

FAST = "training.epochs=1,embedding.samples=60,embedding.method=pca"


def test_the_sample_run_gives_scores_in_their_order(sample_run):
    """Whether the sample adapts is measured with its own 20 epochs, in docs/sample_runs.json; this run has 6.

    Over 5 runs of 6 epochs (seeds and threads), DANN gained 21 ± 7 points: four deviations are left.
    """
    scores = {
        name: json.loads(sample_run.newest(f"{name}.metrics.json").read_text())
        for name in ("source_only", "dann", "target_only")
    }
    accuracy = {name: score["target_test"]["accuracy"] for name, score in scores.items()}
    assert accuracy["dann"] > accuracy["source_only"] - 0.07, accuracy
    assert accuracy["target_only"] > accuracy["dann"], accuracy


def test_the_sample_run_ends_with_its_scores_and_places(sample_run):
    """The table last; above it one folder, two files, two commands; before that a line per node and per epoch."""
    lines = sample_run.output.rstrip().split("\n")
    for name, line in zip(("source_only", "target_only", "dann"), lines[-3:], strict=True):
        test = json.loads(sample_run.newest(f"{name}.metrics.json").read_text())["target_test"]
        assert line.split()[0] == name
        assert percent_with_error(test["accuracy"], test["count"]) in line
    [begin] = [number for number, line in enumerate(lines) if line.startswith("saved in")]
    assert lines[begin] == "saved in data/sample/08_reporting"
    assert [line.split("/")[0].strip() for line in lines[begin + 1 : begin + 3]] == [
        "dann.overview.png",
        "dann.comparison.csv",
    ]
    assert lines[begin + 3 : begin + 5] == [
        "  report: kedro run --pipelines=report --env=sample",
        "  viz:    make viz KEDRO_ENV=sample",
    ]
    assert lines[begin + 5].startswith("This dann is a small demonstration model:")
    log = [re.sub(r"^\d\d:\d\d:\d\d ", "", line) for line in lines[:begin]]
    count = len(register_pipelines()["dann"].nodes)
    nodes = [line for line in log if re.fullmatch(rf"\[\d+/{count}\] \S+", line)]
    assert [line.split("/")[0] for line in nodes] == [f"[{number}" for number in range(1, count + 1)]
    assert len([line for line in log if line.startswith("epoch ")]) == 3 * 6
    assert len(log) < count + 3 * 6 + 10


def test_comparison_table_holds_the_scores_of_this_run(sample_run):
    table = pd.read_csv(sample_run.newest("dann.comparison.csv"))
    assert list(table["algorithm"]) == ["source_only", "dann", "target_only"]
    for _, row in table.iterrows():
        score = json.loads(sample_run.newest(f"{row['algorithm']}.metrics.json").read_text())
        assert row["target_test_accuracy"] == score["target_test"]["accuracy"]


def test_a_run_prints_no_warning(sample_run):
    assert "Warning" not in sample_run.output


def test_a_single_node_reruns_from_what_is_cached(sample_copy, kedro_here):
    before = newest(sample_copy, "dann.metrics.json")
    done = kedro_here("run", "--pipelines=dann", "--env=sample", "--nodes=dann.evaluate", cwd=sample_copy)
    assert done.returncode == 0, done.stdout + done.stderr
    after = newest(sample_copy, "dann.metrics.json")
    assert after != before
    assert json.loads(after.read_text()) == json.loads(before.read_text())


def test_only_what_is_stale_runs(sample_copy, kedro_here):
    """After a whole run nothing is; another kind of map changes the maps and what is drawn of them, and no training."""
    dann, as_before = ["--pipelines=dann", "--env=sample"], f"--params={SAMPLE_RUN}"
    nothing = kedro_here("run", *dann, as_before, "--only-stale", cwd=sample_copy)
    assert nothing.returncode == 0, nothing.stdout + nothing.stderr
    assert "Nothing is stale" in nothing.stdout
    params = f"{as_before},embedding.method=pca"
    told = kedro_here("status", *dann, params, "--json", cwd=sample_copy)
    assert told.returncode == 0, told.stdout + told.stderr
    states = json.loads(told.stdout)
    why = {one["node"]: one["why"] for one in states if one["state"] != "fresh"}
    assert why["dann.embed"][0] == "parameter embedding.method tsne → pca"
    assert not [name for name in why if name.endswith((".train", ".collect", ".select"))]
    model = newest(sample_copy, "dann.model.safetensors")
    done = kedro_here("run", *dann, params, "--only-stale", cwd=sample_copy)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "stale: dann.embed (parameter embedding.method tsne → pca" in " ".join(done.stdout.split())
    assert newest(sample_copy, "dann.model.safetensors") == model
    again = kedro_here("run", *dann, params, "--only-stale", cwd=sample_copy)
    assert "Nothing is stale" in again.stdout, again.stdout


def test_a_model_is_reproduced_from_its_record(project, kedro_here):
    params = f"--params=seed=3,{FAST}"
    done = kedro_here("run", "--pipelines=source_only", "--env=sample", params, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    told = kedro_here("lineage", "source_only.model", "--env=sample", cwd=project)
    assert "source_only.train" in told.stdout
    assert "seed = 3" in told.stdout
    model = newest(project, "source_only.model.safetensors")
    again = kedro_here("reproduce", "source_only.model", "--env=sample", cwd=project)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "came out the same, byte for byte" in " ".join(again.stdout.split())
    assert newest(project, "source_only.model.safetensors") == model, "what was made again became the newest"


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
    params = f"--params=seed=7,{FAST}"
    done = kedro("run", "--pipeline=source_only", "--env=sample", params, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "deprecated" not in done.stdout + done.stderr
    assert json.loads(newest(project, "source_only.metrics.json").read_text())["seed"] == 7


def test_the_parallel_runner_gives_the_same_scores(project, kedro):
    """With as many threads in each: sums in another order round differently."""
    scores, scored = [], ("--pipelines=dann", "--env=sample", "--to-outputs=dann.comparison", f"--params={FAST}")
    for runner in ("SequentialRunner", "ParallelRunner"):
        done = kedro("run", *scored, f"--runner={runner}", cwd=project, OMP_NUM_THREADS="1")
        assert done.returncode == 0, done.stdout + done.stderr
        scores.append(json.loads(newest(project, "dann.metrics.json").read_text())["target_test"])
    assert scores[0] == scores[1]
    nothing = kedro("run", *scored, "--runner=ParallelRunner", "--only-stale", cwd=project)
    assert "Nothing is stale" in nothing.stdout, nothing.stdout


def test_own_pictures_are_classified(sample_copy, kedro_here, tmp_path):
    """Test images, written as large PNG files, get the digits that the evaluation was surest of."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    tests = safetensors.load_file(newest(sample_copy, "source_test.safetensors"))
    probabilities = safetensors.load_file(newest(sample_copy, "source_only.predictions.safetensors"))["source"]
    surest = np.argsort(-probabilities.max(axis=1))[:12]
    for number, image in enumerate(surest):
        grey = tests["images"][image, 0].repeat(4, axis=0).repeat(4, axis=1)
        Image.fromarray(grey).save(pictures / f"{number:02}.png")
    (pictures / "broken.png").write_bytes(b"")
    params = f"--params=images={pictures},model=source_only"
    done = kedro_here("run", "--pipelines=predict", "--env=sample", params, cwd=sample_copy)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "left out broken.png" in done.stdout
    table = pd.read_csv(newest(sample_copy, "user_predictions.csv"))
    assert list(table["file"]) == [f"{number:02}.png" for number in range(12)]
    assert list(table["digit"]) == list(probabilities[surest].argmax(axis=1))
    assert newest(sample_copy, "contact_sheet.png").stat().st_size > 1000
    Image.fromarray(grey).save(pictures / "99.png")
    done = kedro_here("run", "--pipelines=predict", "--env=sample", params, "--only-stale", cwd=sample_copy)
    assert " broken.png: it cannot be read (the file is empty)" in done.stdout
    assert "source_only was trained on" in " ".join(done.stdout.split())
    assert "raw data user_pictures changed" in " ".join(done.stdout.split())
    assert len(pd.read_csv(newest(sample_copy, "user_predictions.csv"))) == 13


def test_the_commands_that_kedro_viz_copies_of_predict_run(sample_copy, kedro_here):
    """Without a folder of one's own, the ten pictures that come with the project."""
    for node in ("read_images", "classify", "plot_contact_sheet"):
        done = kedro_here("run", "--env=sample", f"--to-nodes={node}", cwd=sample_copy)
        assert done.returncode == 0, done.stdout + done.stderr
    table = pd.read_csv(newest(sample_copy, "user_predictions.csv"))
    assert list(table["file"]) == [f"{digit}.png" for digit in range(10)]
    assert table["digit"].notna().all()  # which digit depends on the training


def test_the_benchmark_runs_what_is_missing(project, kedro_here):
    arguments = ["--env=sample", f"--params={FAST},benchmark.algorithms=source_only adabn,benchmark.seeds=1"]
    for remembered in (False, True):
        done = kedro_here("run", "--pipelines=benchmark", *arguments, cwd=project)
        assert done.returncode == 0, done.stdout + done.stderr
        assert ("adabn, seed 1: finished before" in done.stdout) is remembered
    table = pd.read_csv(newest(project, "benchmark.csv"))
    assert list(table["algorithm"]) == ["source_only", "adabn"]

    alone = ["--pipelines=adabn", "--env=sample", f"--params={FAST},seed=1", "--to-nodes=adabn.evaluate"]
    done = kedro_here("run", *alone, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    [record] = (project / "data/sample/08_reporting/benchmark_runs").glob("adabn.seed1.*.json")
    scores = json.loads(newest(project, "adabn.metrics.json").read_text())
    assert json.loads(record.read_text()).items() >= scores.items()


def test_a_killed_training_goes_on_to_the_same_bits(sample_copy, kedro_here):
    nodes = ["--pipelines=adabn", "--env=sample", "--nodes=adabn.train,adabn.collect"]
    params = "training.epochs=5,seed=5"
    states = sample_copy / "data/sample/06_models/adabn.training_state.safetensors"
    before = set(states.glob("*/*.safetensors"))
    command = [sys.executable, "-m", "kedro", "run", *nodes, f"--params={params}"]
    with subprocess.Popen(command, cwd=sample_copy, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as stopped:
        while not set(states.glob("*/*.safetensors")) - before:
            assert stopped.poll() is None, "it ended before it had an epoch"
            time.sleep(0.01)
        stopped.kill()
    [left] = set(states.glob("*/*.safetensors")) - before
    epochs = len(json.loads(bytes(safetensors.load_file(left)["history"])))
    assert 0 < epochs < 5

    other = kedro_here("run", *nodes, "--params=training.epochs=6,seed=5,resume=true", cwd=sample_copy)
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


def test_a_raw_folder_that_does_not_exist_is_named(project, kedro, tmp_path):
    done = kedro("run", "--pipelines=data", cwd=project, MNISTM_RAW_DIR=str(tmp_path / "nowhere"))
    assert done.returncode != 0
    text = " ".join((done.stdout + done.stderr).split())
    assert "MNISTM_RAW_DIR" in text
    assert "nowhere" in text


@pytest.mark.real_data
def test_the_real_data_run_from_raw_files(project, kedro):
    """DANN from raw files to scores on all 70,000 digits, its training cut to one epoch of 10,000 of them."""
    few = "splitting.source_validation=50000,splitting.target_validation=50000"
    params = f"--params=training.epochs=1,{few}"
    done = kedro("run", "--pipelines=dann", "--to-outputs=dann.metrics", params, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    [metrics] = (project / "data/08_reporting").glob("dann.metrics.json/*/dann.metrics.json")
    scores = json.loads(metrics.read_text())
    assert scores["target_test"]["count"] == scores["source_test"]["count"] == 10_000
    assert scores["source_test"]["accuracy"] > 0.3  # it learns something: chance is 0.1
