"""The numbers in every figure are those of the data behind it, read back from the drawing."""

import io

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from skimage.color import deltaE_ciede2000, rgb2lab

from conftest import make_split
from mnistm_da.adaptation.figures import charts, style
from mnistm_da.adaptation.figures.contact_sheet import contact_sheet
from mnistm_da.adaptation.figures.overview import overview
from mnistm_da.adaptation.figures.sample_grid import sample_grid
from mnistm_da.domains.format import DIGITS


@pytest.fixture(autouse=True)
def can_be_saved(request):
    """Each figure a test makes is also rendered, which finds what drawing alone does not."""
    made = []
    yield made.append
    for figure in made:
        figure.savefig(io.BytesIO(), format="png")


def test_sample_grid_shows_the_images_of_each_digit_in_its_column(can_be_saved):
    source, target = make_split(60, channels=1, seed=0), make_split(60, channels=3, seed=1)
    splits = (source["images"], source["labels"], target["images"], target["labels"])
    figure = sample_grid(*splits, DIGITS.classes, source_title="source", target_title="target")
    can_be_saved(figure)
    for axes, split in zip(figure.axes, (source, target), strict=True):
        mosaic = np.asarray(axes.images[0].get_array())
        for digit in range(10):
            shown = mosaic[28:56, 28 * digit : 28 * digit + 28]
            second = split["images"][split["labels"] == digit][1].transpose(1, 2, 0)
            np.testing.assert_array_equal(shown, np.broadcast_to(second, (28, 28, 3)))


def test_confusion_matrix_colours_and_writes_the_shares_of_each_row(can_be_saved):
    counts = np.diag(np.full(10, 8))
    counts[3, 5] = 8
    figure = charts.confusion_matrix(counts, DIGITS.classes, "title")
    can_be_saved(figure)
    axes = figure.axes[0]
    shares = np.asarray(axes.images[0].get_array())
    assert shares[3, 5] == shares[3, 3] == 50
    assert shares[0, 0] == 100
    written = {text.get_position(): text.get_text() for text in axes.texts}
    assert written[(5, 3)] == "50.0"
    assert len(written) == 11


def test_figures_have_the_classes_and_the_side_of_the_data(can_be_saved):
    """Three named classes on 32 × 32 pixels, and more classes than there are chosen colours."""
    names, split = ("cat", "dog", "owl"), make_split(12, channels=3, seed=0, side=32, classes=3)
    shown = (split["images"], split["labels"])
    figure = sample_grid(*shown, *shown, names, source_title="source", target_title="target")
    can_be_saved(figure)
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == list(names)
    assert np.asarray(figure.axes[0].images[0].get_array()).shape == (4 * 32, 3 * 32, 3)
    matrix = charts.confusion_matrix(np.eye(3), names, "title")
    can_be_saved(matrix)
    assert [label.get_text() for label in matrix.axes[0].get_yticklabels()] == list(names)
    many = [f"class {number}" for number in range(14)]
    table = pd.DataFrame({"x": range(14), "y": range(14), "domain": "source", "label": range(14)})
    maps = overview(("s", *shown), ("t", *shown), many, [("map", table)])
    can_be_saved(maps)
    assert [text.get_text() for text in maps.subfigs[1].axes[0].texts] == many
    assert len(set(style.class_colours(14))) == 14
    assert style.class_colours(3) == style.CLASS_COLOURS[:3]


def test_comparison_bars_are_as_long_as_the_accuracies(can_be_saved):
    table = pd.DataFrame(
        {
            "algorithm": ["source_only", "dann"],
            "source_test_accuracy": [0.99, 0.98],
            "target_test_accuracy": [0.5, 0.9],
        }
    )
    figure = charts.comparison_bars(table)
    can_be_saved(figure)
    [axes] = figure.axes
    source, target = ([bar.get_width() for bar in bars] for bars in axes.containers)
    assert source == pytest.approx([99, 98])
    assert target == pytest.approx([50, 90])
    assert [label.get_text() for label in axes.get_yticklabels()] == ["source_only", "dann"]


def test_contact_sheet_shows_each_picture_beside_what_the_network_sees(can_be_saved):
    images = make_split(12, channels=3, seed=0)["images"]
    originals = images.repeat(4, axis=2).repeat(4, axis=3)
    boxes = np.tile([10, 20, 50, 60], (12, 1))
    predictions = pd.DataFrame(
        {"digit": pd.array(np.arange(12) % 10, dtype="Int64"), "remark": ["", None, "unsure"] * 4}
    )
    predictions["confidence"] = np.linspace(0.5, 1, 12)
    predictions["file"] = [f"a file with a rather long name, {number}.png" for number in range(12)]
    predictions.loc[11, ["digit", "confidence", "remark"]] = [pd.NA, np.nan, "no digit found"]
    figure = contact_sheet(originals, boxes, images, predictions)
    can_be_saved(figure)
    drawn = [axes for axes in figure.axes if axes.images]
    assert len(drawn) == 12
    for number, axes in enumerate(drawn):
        original, seen = axes.images
        np.testing.assert_array_equal(original.get_array(), originals[number].transpose(1, 2, 0))
        np.testing.assert_array_equal(seen.get_array(), images[number].transpose(1, 2, 0))
        assert axes.patches[0].get_bbox().extents == pytest.approx(boxes[number])
    titles = [axes.get_title().split("\n") for axes in drawn]
    assert titles[0] == ["a file with… name, 0.png", "0 · 50%"]
    assert titles[2][1] == "2 · 59% · unsure"
    assert titles[11][1] == "no digit found"


@pytest.mark.filterwarnings("error:Glyph")
def test_text_is_text_in_every_figure_that_takes_some(can_be_saved):
    text, drawn = "$_$ 5$ 手\t", r"$_$ 5$ \u624b\t"
    split = make_split(20, channels=3, seed=0)
    images, labels = split["images"], split["labels"]
    names = ["$no maths$", *"12345678", "手"]  # of classes
    table = pd.DataFrame({"x": [0.0, 1], "y": [0.0, 1], "domain": ["source", "target"], "label": [0, 1]})
    predictions = pd.DataFrame({"file": [text], "digit": [1], "confidence": [0.5], "remark": [""]})
    bars = pd.DataFrame({"algorithm": [text], "source_test_accuracy": [0.9], "target_test_accuracy": [0.5]})
    for figure in (
        sample_grid(images, labels, images, labels, names, source_title=text, target_title=text),
        charts.confusion_matrix(np.eye(10), names, text),
        charts.comparison_bars(bars),
        overview((text, images, labels), (text, images, labels), names, [(text, table)]),
        contact_sheet(images, np.zeros((20, 4)), images, predictions.iloc[[0] * 20]),
    ):
        can_be_saved(figure)
        of_figure = [one.get_text() for one in figure.findobj(Text)]
        assert any(drawn in one for one in of_figure), of_figure


# Machado, Oliveira and Fernandes, IEEE TVCG 2009, severity 1; they apply to linear RGB.
COLOUR_BLIND = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}


@pytest.mark.parametrize("seen_by", COLOUR_BLIND)
@pytest.mark.parametrize("colours", [style.CLASS_COLOURS, style.CLASS_COLOURS_ON_DARK])
def test_colour_blind_readers_can_tell_the_digits_apart(colours, seen_by):
    """Ten colours, each pair at least 11 apart by CIEDE2000, where 1 is about the least that can be seen."""
    rgb = np.array([to_rgb(colour) for colour in colours])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.transpose(COLOUR_BLIND[seen_by]), 0, 1)
    shown = np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055)
    lab = rgb2lab(shown[None])[0]
    distance = deltaE_ciede2000(lab[:, None], lab[None])
    assert len(colours) == 10
    assert distance[~np.eye(10, dtype=bool)].min() > 11
