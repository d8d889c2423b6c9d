"""A saved model is used as what it is: by the real command line, on a training of one epoch."""

import json
import shutil

import click
import pytest
from safetensors import numpy as safetensors

from conftest import FAST, TEST_SEED, clone, newest, once
from mnistm_da.hooks import saved_models
from one_message import NODE

SAMPLE = ("--env=sample",)
PREDICT = ("run", "--pipelines=source_only", *SAMPLE, "--nodes=source_only.predict,source_only.evaluate")


@pytest.fixture(scope="module")
def trained(tmp_path_factory, kedro):
    """A project in which source_only was trained with other parameters than those of its configuration."""

    def make(folder):
        done = kedro("run", "--pipelines=source_only", *SAMPLE, f"--params={FAST}", cwd=clone(folder))
        assert done.returncode == 0, done.stdout + done.stderr

    return once(tmp_path_factory, "trained", make)


@pytest.fixture
def copy(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "project")


def save_newer(project, name, change):
    """Save what ``change`` makes of a dataset's arrays as its newest version."""
    here = newest(project, f"{name}.safetensors")
    folder = here.parents[1] / "2099-01-01T00.00.00.000Z"
    folder.mkdir()
    safetensors.save_file(change(safetensors.load_file(here)), folder / here.name)


def words(done):
    return " ".join((done.stdout + done.stderr).split())


@pytest.mark.parametrize(
    ("given", "was", "cure"),
    [
        ("network.instance_norm=False", "network.instance_norm=True", ""),
        ("training.epochs=2", "training.epochs=1", ""),
        ("training.augmentation.shift=2.0", "training.augmentation.shift=0.0", ""),
        (f"seed={TEST_SEED + 5}", f"seed={TEST_SEED}", ""),
        ("source_only.epochs_factor=3.0", "source_only.epochs_factor=None", ""),
        ("selection.by=im", "selection.by=last", " --from-nodes=source_only.select"),
    ],
)
def test_a_parameter_that_contradicts_the_model_is_refused_before_anything_runs(given, was, cure, trained, kedro_here):
    before = sorted(trained.rglob("*.safetensors"))
    done = kedro_here(*PREDICT, f"--params={given}", cwd=trained)
    assert done.returncode != 0
    told = words(done)
    assert f"{given} contradicts the newest model of source_only, which was made with {was}" in told
    assert f"kedro run --pipelines=source_only --env=sample{cure} --params={given}" in told
    assert "Traceback" not in told
    assert not NODE.search(told)
    assert sorted(trained.rglob("*.safetensors")) == before


def test_a_wrong_parameter_that_only_the_model_knows_is_refused_too(trained, kedro_here):
    done = kedro_here(*PREDICT, "--params=network.depth=3", cwd=trained)
    assert done.returncode != 0
    assert "no parameter 'network.depth'" in words(done)


def test_a_mistake_in_the_section_of_the_models_algorithm_is_told_in_our_words():
    """`predict` reads no algorithm's parameters, so nothing else has checked them."""
    with pytest.raises(click.UsageError, match=r"no parameter 'dann\.wieght'\. Did you mean 'dann\.weight'\?"):
        saved_models._now("dann", {"dann": {"wieght": 3}})


def test_a_model_is_scored_as_what_it_is_whatever_the_configuration_says(copy, kedro_here):
    """Sixty epochs and another width in conf/sample, and a parameter that is as it was."""
    before = json.loads(newest(copy, "source_only.metrics.json").read_text())
    done = kedro_here(*PREDICT, "--params=training.epochs=1,embedding.samples=60", cwd=copy)
    assert done.returncode == 0, words(done)
    assert NODE.search(words(done))  # as refused runs must not print
    path = newest(copy, "source_only.metrics.json")
    assert json.loads(path.read_text()) == before
    assert "network" not in json.loads(path.with_name(f"{path.name}.lineage.json").read_text())["parameters"]


def test_after_a_training_that_was_stopped_the_last_finished_model_is_used(copy, kedro_here):
    def unfinished(arrays):
        return {name: array for name, array in arrays.items() if name != "finished"}

    save_newer(copy, "source_only.training_state", unfinished)
    for pipeline in ("predict", "export", "report"):
        params = () if pipeline == "report" else ("--params=model=source_only",)
        done = kedro_here("run", f"--pipelines={pipeline}", *SAMPLE, *params, cwd=copy)
        assert done.returncode == 0, words(done)
    assert "| `training.epochs` | 1 |" in newest(copy, "source_only.model_card.md").read_text(encoding="utf-8")
    report = newest(copy, "report.html").read_text(encoding="utf-8")
    assert "Left out, since of another run" not in report
    assert "network.width" in report


def test_a_model_of_earlier_code_is_told_apart_before_anything_runs(copy, kedro_here):
    def without(arrays):
        return {name: array for name, array in arrays.items() if name != "description"}

    save_newer(copy, "source_only.model", without)
    for command in (PREDICT, ("run", "--pipelines=predict", *SAMPLE, "--params=model=source_only")):
        done = kedro_here(*command, cwd=copy)
        assert done.returncode != 0
        assert "was saved by earlier code and does not say what it was made with: train it again: kedro run" in words(
            done
        )
        assert not NODE.search(words(done))
