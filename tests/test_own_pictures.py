"""A user's own folders on the command line, with target labels and without: from `kedro run` to the model card."""

import json
import math
import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageDraw

from conftest import clone, once
from notebook_here import run_here

FAST = "network.width=4,training.epochs=1,training.batch_size=8,embedding.method=pca"
SHAPES = ("three corners", "round", "has | bars")


def draw(path, shape, colour, size):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", size, colour)
    pen, box = ImageDraw.Draw(image), (4, 4, size[0] - 4, size[1] - 4)
    if shape == "round":
        pen.ellipse(box, fill="black")
    elif shape == "has | bars":
        pen.rectangle((size[0] // 2 - 2, 2, size[0] // 2 + 2, size[1] - 2), fill="black")
    else:
        pen.polygon([(4, size[1] - 4), (size[0] // 2, 4), (size[0] - 4, size[1] - 4)], fill="black")
    image.save(path)


PAIR = "source=my pictures #1/drawn,target=my pictures #1/seen"


def make_project(folder):
    """A clone, and in it the folders of somebody who likes spaces and number signs."""
    clone(folder)
    for number in range(30):
        shape, mine = SHAPES[number % 3], folder / "my pictures #1"
        draw(mine / f"drawn/{shape}/{number}.png", shape, (230, 230, 200 + number), (30 + number, 24))
        draw(mine / f"seen/{number % 4}/{number}.png", shape, (90, 120, 60 + number), (24, 30))
        draw(mine / f"checked/{shape}/{number}.png", shape, (70, 120, 60 + number), (28, 30))
    (folder / "my pictures #1/seen/notes.txt").write_text("x")


@pytest.fixture(scope="module")
def trained(tmp_path_factory, kedro):
    """A model of two of these folders: the project, once for all workers, and what the command printed."""

    def make(folder):
        make_project(folder)
        done = kedro("run", "--pipelines=dann", "--env=pictures", f"--params={PAIR},{FAST}", cwd=folder)
        assert done.returncode == 0, done.stdout + done.stderr
        (folder / "printed").write_text(done.stdout)

    folder = once(tmp_path_factory, "own_pictures", make)
    return folder, (folder / "printed").read_text()


@pytest.fixture(scope="module")
def project(trained, tmp_path_factory):
    """A copy of that project to run in."""
    return shutil.copytree(trained[0], tmp_path_factory.mktemp("own") / "project")


def newest(project, name):
    return max((project / "data/pictures").glob(f"*/{name}/*/{name}"))


def metrics(project, name):
    return json.loads(newest(project, f"{name}.metrics.json").read_text())


def test_two_folders_become_an_adapted_model_without_a_target_label(trained):
    project, printed = trained
    for told in (
        "left out notes.txt: not named like a picture",
        "The target has no labels, so how many of its images are right is not known.",
        f"report: kedro run --pipelines=report --env=pictures --params='{PAIR}'",
    ):
        assert told in printed
    made = {path.name for path in (project / "data/pictures").glob("0*/*")}
    assert not [name for name in made if name.startswith("target_only") or name.startswith("target_train_labels")]
    scores = metrics(project, "dann")
    assert scores["source_test"]["accuracy"] is not None
    assert scores["target_test"]["accuracy"] is None
    assert list(scores["target_test"]["predicted"]) == ["has | bars", "round", "three corners"]
    assert sum(scores["target_test"]["predicted"].values()) == 6
    assert "oracle" not in scores["picks"]
    table = pd.read_csv(newest(project, "dann.comparison.csv"))
    assert list(table["algorithm"]) == ["source_only", "dann"]
    assert math.isnan(table["target_test_accuracy"][0])
    for figure in ("overview", "confusion_matrix", "comparison_bars"):
        assert np.asarray(Image.open(newest(project, f"dann.{figure}.png"))).std() > 0


def test_the_report_says_what_is_not_known(project, kedro_here):
    done = kedro_here("run", "--pipelines=report", "--env=pictures", f"--params={PAIR}", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    page = newest(project, "report.html").read_text()
    for told in ("The target has no labels.", "test images were taken for", "image without a label", "seen"):
        assert told in page
    assert "has | bars" in page
    for impossible in (
        "Confusion on target test",
        "Trained on target labels",
        "mmd_few_labels",
        "No benchmark is saved",
    ):
        assert impossible not in page


@pytest.mark.parametrize("name", ["01_the_data", "02_adaptation_by_hand", "03_compare_runs"])
def test_the_notebooks_are_about_own_pictures_too(name, project, kedro_here, monkeypatch, capsys):
    """Three classes, another side, a target without photos behind it and without labels; in this process, for time."""
    monkeypatch.chdir(project)
    few = (("STEPS, BATCH, RATE = 150", "STEPS, BATCH, RATE = 2"),) if name == "02_adaptation_by_hand" else ()
    run_here(project, name, "pictures", dict(part.split("=") for part in PAIR.split(",")), few)
    said = {"01_the_data": "target test: not known, without labels", "02_adaptation_by_hand": "not known: the target"}
    assert said.get(name, "source_test          the same") in capsys.readouterr().out


def test_pictures_are_classified_in_the_users_words(project, kedro_here):
    done = kedro_here(
        "run", "--pipelines=predict", "--env=pictures", "--params=images=my pictures #1/seen/1", cwd=project
    )
    assert done.returncode == 0, done.stdout + done.stderr
    table = pd.read_csv(newest(project, "user_predictions.csv"))
    assert set(table["class"]) <= set(SHAPES)
    assert len(table) == 8
    assert "dann was trained on drawn (labelled) and seen (unlabelled)." in " ".join(done.stdout.split())


def test_the_model_card_names_the_classes_and_what_is_not_known(project, kedro_here):
    done = kedro_here("run", "--pipelines=export", "--env=pictures", f"--params={PAIR}", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    card = newest(project, "dann.model_card.md").read_text()
    assert "The classes: has | bars, round, three corners." in card
    assert r"| recall of has \| bars |" in card
    assert "The target has no labels, so how many of its images are recognised is not known." in card
    assert json.loads(newest(project, "dann.export_check.json").read_text())["target_test"]["classified_otherwise"] == 0


def test_with_labelled_test_pictures_the_target_is_scored(trained, kedro_here, tmp_path):
    project = shutil.copytree(trained[0], tmp_path / "project")  # in which no other test finds another source_only
    params = f"{PAIR},target_test=my pictures #1/checked,{FAST}"
    done = kedro_here("run", "--pipelines=source_only", "--env=pictures", f"--params={params}", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    scores = metrics(project, "source_only")
    assert np.sum(scores["target_test"]["confusion_matrix"]) == 30
    assert "oracle" in scores["picks"]
    status = kedro_here("status", "--pipelines=source_only", "--env=pictures", f"--params={params}", cwd=project)
    assert "0 stale, 0 missing" in status.stdout
    assert "label_target_train" not in status.stdout


MISTAKES = [
    ("dann", "", "which pictures? Name the folder of the source and of the target"),
    ("dann", "source=a{b}c,target=d", "parameter 'source' is 'a{b}c', but Kedro reads { and } as a pattern's own"),
    ("target_only", PAIR, "'target_only' is trained with labels of target images, and the target of this environment"),
    ("dann", f"{PAIR},training.batch_size=64", "training.batch_size is 64, but the source training split has only 22"),
]


@pytest.mark.parametrize(("pipeline", "params", "message"), MISTAKES)
def test_a_mistake_is_told_before_anything_is_trained(pipeline, params, message, project, kedro_here):
    done = kedro_here("run", f"--pipelines={pipeline}", "--env=pictures", f"--params={params}", cwd=project)
    assert done.returncode != 0
    assert message in done.stdout
    assert "Traceback" not in done.stdout
