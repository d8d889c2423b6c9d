"""Figures of images whose classes nobody knows."""

import numpy as np
import pandas as pd

from mnistm_da.adaptation.figures.overview import overview
from mnistm_da.adaptation.figures.sample_grid import mosaic, sample_grid
from mnistm_da.adaptation.figures.style import NO_LABEL, colours_of

CLASSES = ("a", "a longer name")
IMAGES = np.arange(1, 7, dtype=np.uint8)[:, None, None, None].repeat(9, axis=2).repeat(9, axis=3)
KNOWN, UNKNOWN = np.array([0, 1, 0, 1, 0, 1]), np.full(6, -1)
MAP = pd.DataFrame({"x": range(4), "y": range(4), "domain": ["source"] * 2 + ["target"] * 2, "label": [0, 1, -1, -1]})


def test_images_without_labels_are_shown_in_any_column():
    assert set(np.unique(mosaic(IMAGES, UNKNOWN, 2))) == {0, *range(1, 7)}


def test_columns_are_named_where_they_mean_something():
    figure = sample_grid(IMAGES, KNOWN, IMAGES, UNKNOWN, CLASSES, source_title="s", target_title="t")
    assert [[tick.get_text() for tick in axes.get_xticklabels()] for axes in figure.axes] == [[*CLASSES], []]


def test_a_mark_without_a_label_is_grey():
    assert colours_of([1, -1], ["red", "blue"]) == ["blue", NO_LABEL]
    drawn = overview(("s", IMAGES, KNOWN), ("t", IMAGES, UNKNOWN), CLASSES, [("map", MAP)])
    source, target = (marks.get_facecolors()[:, :3] for marks in drawn.subfigs[1].axes[0].collections)
    assert len(np.unique(source, axis=0)) == 2
    np.testing.assert_allclose(target, [[0x9A / 255] * 3] * 2)
