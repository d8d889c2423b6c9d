"""The feature maps of the report are those of the datasets behind them, and say which layer they show."""

import dataclasses

import numpy as np
from scipy.spatial.distance import pdist

from report_page import RUNS, page_of, pixels


def test_the_maps_are_those_of_the_datasets_turned_only(page, saved):
    shown = page.data["map-data"]
    assert shown["names"] == list(RUNS)
    for name in RUNS:
        table = saved[1][name]["embedding"].load()
        points = np.transpose([shown["maps"][name]["x"], shown["maps"][name]["y"]])
        np.testing.assert_allclose(pdist(points), pdist(table[["x", "y"]]), atol=0.01)
        for column in ("label", "domain", "index"):
            assert shown[column] == table[column].tolist()
        assert shown["separable"][name] == saved[1][name]["metrics"].load()["proxy_a_distance"]


def test_the_sheet_has_the_image_of_every_mark(page, parts):
    shown = page.data["map-data"]
    sheet = pixels(shown["sheet"]).astype(int)
    for mark in range(0, len(shown["index"]), 37):
        row, column = divmod(mark, shown["columns"])
        tile = sheet[28 * row : 28 * row + 28, 28 * column : 28 * column + 28]
        images = parts[f"{shown['domain'][mark]}_test"]["images"].transpose(0, 2, 3, 1)
        # WebP gives up some of the detail, but no image comes out more like another.
        assert np.abs(images - tile).mean(axis=(1, 2, 3)).argmin() == shown["index"][mark]


def test_the_maps_say_which_layer_they_show(page, saved):
    assert "These maps show the extractor’s features" in page.text
    data, runs = saved
    made = runs["dann"]["embedding"]
    parameters = {"embedding": {"layer": "hidden"}}
    hidden = dataclasses.replace(made, record=made.record | {"parameters": parameters})
    shown = page_of(data, {"dann": runs["dann"] | {"embedding": hidden}})
    assert "These maps show the classifier’s last hidden layer" in shown.text
    both = page_of(data, {"source_only": runs["source_only"], "dann": runs["dann"] | {"embedding": hidden}})
    assert "The maps of dann show other images (another seed, number of samples, or data) or another layer" in both.text
