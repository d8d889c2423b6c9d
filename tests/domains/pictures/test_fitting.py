"""A picture of any size becomes a square."""

import numpy as np
import pytest
from PIL import Image

from mnistm_da.domains.pictures.fitting import fitted


@pytest.mark.parametrize("fit", ["pad", "crop", "stretch"])
@pytest.mark.parametrize("size", [(1, 1), (40, 10), (10, 40), (33, 33), (2, 300)])
def test_a_picture_of_any_size_becomes_a_square(fit, size):
    assert fitted(Image.new("RGB", size, (77, 77, 77)), 16, fit).shape == (3, 16, 16)


@pytest.mark.parametrize("side", [7, 16, 40])
def test_a_square_picture_is_only_resized(side):
    rgb = np.random.default_rng(0).integers(0, 256, (23, 23, 3), dtype=np.uint8)
    picture = Image.fromarray(rgb)
    expected = np.asarray(picture.resize((side, side), Image.Resampling.LANCZOS)).transpose(2, 0, 1)
    for fit in ("pad", "crop", "stretch"):
        np.testing.assert_array_equal(fitted(picture, side, fit), expected)


def test_pad_keeps_all_crop_the_centre_and_stretch_the_edges():
    rgb = np.zeros((10, 40, 3), np.uint8)
    rgb[:, :10], rgb[:, 30:] = (255, 0, 0), (0, 255, 0)
    padded, cropped, stretched = (fitted(Image.fromarray(rgb), 40, fit) for fit in ("pad", "crop", "stretch"))
    assert padded[:, 20, 2].tolist() == [255, 0, 0]
    assert padded[:, 2, 20].tolist() == [0, 0, 0], "the border's median"
    assert cropped.max() == 0
    assert stretched[:, 2, 2].tolist() == [255, 0, 0]
    assert stretched[:, 38, 38].tolist() == [0, 255, 0]
