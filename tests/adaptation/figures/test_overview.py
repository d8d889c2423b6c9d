import io

import numpy as np
import pandas as pd
from matplotlib.colors import to_hex

from conftest import make_split
from mnistm_da.adaptation.figures.overview import overview
from mnistm_da.adaptation.figures.style import CLASS_COLOURS


def test_it_draws_the_images_and_every_point_in_the_colour_of_its_class():
    source, target = make_split(60, channels=1, seed=0), make_split(60, channels=3, seed=1)
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "domain": ["source"] * 30 + ["target"] * 20,
            "label": np.arange(50) % 10,
            "x": rng.random(50),
            "y": rng.random(50),
        }
    )
    domains = (("S", source["images"], source["labels"]), ("T", target["images"], target["labels"]))
    figure = overview(*domains, tuple("0123456789"), [("before", table)])
    figure.savefig(io.BytesIO(), format="png")
    samples, drawn = figure.subfigs
    assert [axes.get_title() for axes in samples.axes] == ["S", "T"]
    first = target["images"][target["labels"] == 4][0].transpose(1, 2, 0)
    np.testing.assert_array_equal(np.asarray(samples.axes[1].images[0].get_array())[:28, 112:140], first)
    [axes] = drawn.axes
    assert axes.get_title() == "before"
    for domain, points in zip(("source", "target"), axes.collections, strict=True):
        np.testing.assert_allclose(points.get_offsets(), table[table["domain"] == domain][["x", "y"]])
        labels = table[table["domain"] == domain]["label"]
        assert [to_hex(colour) for colour in points.get_facecolor()] == [
            CLASS_COLOURS[label].lower() for label in labels
        ]
    assert {text.get_text() for text in axes.texts} == set("0123456789")
