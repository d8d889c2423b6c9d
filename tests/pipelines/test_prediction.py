"""Answers to a user's pictures: the table, and what the terminal says of it."""

import io

import numpy as np
import pytest
from rich.console import Console

from mnistm_da.domains.format import DIGITS, Format
from mnistm_da.errors import UserError
from mnistm_da.hooks import predictions
from mnistm_da.parameters import PicturesParams, PredictParams, TitleParams
from mnistm_da.pipelines.prediction import nodes


@pytest.fixture
def table():
    names = np.array([b"a.png", b"b.png", b"c.png"])
    images = {"names": names.view(np.uint8).reshape(3, -1), "found": np.array([True, True, False])}
    probabilities = np.full((3, 10), 0.02)
    probabilities[0, 4], probabilities[1, 7], probabilities[1, 1], probabilities[2, 1] = 0.82, 0.5, 0.34, 0.82
    return nodes._table(images, probabilities, DIGITS.classes, 0.8)


def test_an_answer_is_sure_or_unsure_or_there_is_no_digit(table):
    assert list(table["file"]) == ["a.png", "b.png", "c.png"]
    assert list(table["remark"]) == ["", "unsure", "no digit found"]
    assert list(table["digit"][:2]) == ["4", "7"]
    assert table["second"][1] == "1"
    assert table.loc[2, ["digit", "confidence", "second", "third", "third_confidence"]].isna().all()


def test_of_two_classes_there_is_no_third():
    images = {"names": np.frombuffer(b"a.png", np.uint8).reshape(1, 5), "found": np.array([True])}
    table = nodes._table(images, np.array([[0.9, 0.1]]), ("cat", "dog"), 0.8)
    assert table.loc[0, ["class", "second", "second_confidence"]].tolist() == ["cat", "dog", 0.1]
    assert table.loc[0, ["third", "third_confidence"]].isna().all()


def test_the_terminal_shows_file_digit_and_confidence(table):
    table.loc[0, "file"] = "[bold]=1+1.png"
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(predictions.answer_table(table))
    lines = [line.split() for line in console.export_text().replace("│", " ").splitlines()]
    assert ["[bold]=1+1.png", "4", "82"] in lines
    assert ["b.png", "7", "50", "unsure"] in lines
    assert ["c.png", "–", "no", "digit", "found"] in lines


def test_the_terminal_says_what_the_model_was_trained_on():
    titles = TitleParams(source="digits", target="photos")
    for model, known in (
        ("source_only", "digits alone"),
        ("target_only", "photos alone"),
        ("dann", "digits (labelled) and photos (unlabelled)"),
        ("mme", "digits (labelled) and photos (few of them labelled)"),
    ):
        said = predictions.trained_on(model, titles, PredictParams())
        assert f"{model} was trained on {known}." in said
        assert "dark ink on light paper and chalk on a board are read alike" in said
    assert "as they are" in predictions.trained_on("dann", titles, PredictParams(crop="none"))


def test_names_are_kept_as_utf_8(tmp_path):
    from PIL import Image

    for name in ("é.png", "long name.png"):
        Image.new("RGB", (30, 30)).save(tmp_path / name)
    read = nodes.read_images(tmp_path, PredictParams(), PicturesParams())
    assert [bytes(name).rstrip(b"\0").decode() for name in read["names"]] == ["long name.png", "é.png"]
    assert bytes(read["left_out"]) == b"[]"


@pytest.mark.parametrize("changed", [{"side": 28}, {"fit": "crop"}])
def test_pictures_are_looked_at_as_those_of_the_training(changed):
    images = Format(side=32, channels=3, classes=("a", "b"), fit="pad")
    own = PredictParams(crop="own")
    with pytest.raises(UserError, match=r"with pictures\.side=32 and pictures\.fit=pad"):
        nodes._check_fit(images, own, PicturesParams(**changed))
    with pytest.raises(UserError, match="trained on your own pictures"):
        nodes._check_fit(images, PredictParams(), PicturesParams())
    nodes._check_fit(images, own, PicturesParams())
    nodes._check_fit(DIGITS, PredictParams(), PicturesParams(**changed))
