"""The digit is found wherever it lies, in whatever ink, and comes out as MNIST's; an empty page is told as one."""

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from mnistm_da.domains.pictures.crop import as_mnist, crop_digit, whole_picture

from .photos import digit, photo

PAGES = {
    "ink on paper": {},
    "faint pencil": {"colour": (175, 172, 160)},
    "red pen": {"colour": (200, 40, 50)},
    "chalk on a board": {"page": (35, 65, 50), "colour": (225, 225, 215)},
    "yellow on black": {"page": (10, 10, 12), "colour": (240, 220, 60)},
}


def overlap(image, wanted):
    """Give the correlation of two images, the best of shifts by a pixel."""
    shifts = [(down, across) for down in (-1, 0, 1) for across in (-1, 0, 1)]
    return max(np.corrcoef(np.roll(image, by, (0, 1)).ravel(), wanted.ravel())[0, 1] for by in shifts)


@pytest.mark.parametrize("number", [2, 4, 7])
@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("at", [(30, 500), (330, 40)])
def test_a_small_digit_far_from_the_middle_comes_out_white_on_black_as_mnist_has_it(number, page, at):
    ink = digit(number, 90)
    found = crop_digit(photo(ink=ink, at=at, **page))
    assert found.kind == "digit"
    assert overlap(found.image[0], as_mnist(ink)) > 0.93
    left, top, right, bottom = np.array(found.box) * (640, 480, 640, 480)
    rows, columns = np.nonzero(ink.any(axis=1))[0] + at[0], np.nonzero(ink.any(axis=0))[0] + at[1]
    wanted = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    np.testing.assert_allclose((left, top, right, bottom), wanted, atol=3)


def test_the_form_is_that_of_mnist():
    """20 pixels at the longer side, the aspect kept, the centre of mass in the centre, strokes not thinner than 2."""
    for height, width in ((300, 100), (100, 300), (40, 38)):
        ink = np.zeros((height, width))
        ink[:, : max(1, width // 8)] = ink[: max(1, height // 8)] = 1
        image = as_mnist(ink)
        rows, columns = np.nonzero(image.any(axis=1))[0], np.nonzero(image.any(axis=0))[0]
        size = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
        assert max(size) == 20
        assert size == pytest.approx((20 * height / max(height, width), 20 * width / max(height, width)), abs=1)
        np.testing.assert_allclose(ndimage.center_of_mass(image), 13.5, atol=0.51)
    thin = np.zeros((200, 200))
    thin[:, 100] = 1
    assert as_mnist(thin[:, 99:102]).sum(axis=1)[8:20].mean() / 255 == pytest.approx(2, abs=0.5)


def test_a_tall_picture_with_the_digit_at_the_top_is_found():
    found = crop_digit(photo((640, 200), ink=digit(7, 60), at=(10, 100)))
    assert found.kind == "digit"
    assert found.box[3] < 0.15
    assert overlap(found.image[0], as_mnist(digit(7, 60))) > 0.93


def test_a_picture_in_mnists_form_stays_as_it_is():
    drawn = as_mnist(digit(2, 100))
    for side in (1, 4):
        for image in (drawn, 255 - drawn):
            large = image.repeat(side, 0).repeat(side, 1)[..., None].repeat(3, 2)
            found = crop_digit(large)
            assert found.kind == "digit"
            assert overlap(found.image[0], drawn) > 0.97


def test_the_edge_of_a_shadow_and_the_rules_of_paper_are_no_digit():
    shaded = photo(ink=digit(4, 120), at=(60, 420)).astype(float)
    shaded[:, :250] *= 0.6
    ruled = photo(ink=digit(4, 120), at=(60, 420))
    ruled[24::40] = ruled[25::40] = (150, 165, 200)
    for picture in (shaded.astype(np.uint8), ruled):
        found = crop_digit(picture)
        assert found.kind == "digit"
        assert found.box == pytest.approx((438 / 640, 72 / 480, 528 / 640, 168 / 480), abs=0.02)
    ruled = photo()
    ruled[24::40] = ruled[25::40] = (150, 165, 200)
    assert crop_digit(ruled).kind == "blank"


@pytest.mark.parametrize("noise", [0, 3, 10])
@pytest.mark.parametrize("page", [(255, 255, 255), (225, 220, 205), (20, 50, 35), (0, 0, 0)])
def test_on_a_blank_page_there_is_no_digit(page, noise):
    assert crop_digit(photo(page=page, noise=noise)).kind == "blank"


def test_dust_is_no_digit():
    page = photo()
    rows, columns = np.random.default_rng(0).integers(0, (480, 640), size=(60, 2)).T
    page[rows, columns] = 60
    assert crop_digit(page).kind == "blank"


def test_of_two_shapes_the_larger_is_read_and_that_is_said():
    picture = photo(ink=digit(2, 200), at=(100, 40))
    picture[100:260, 440:600] = photo(ink=digit(7, 160), at=(100, 440))[100:260, 440:600]
    found = crop_digit(picture)
    assert found.box[2] < 0.5
    assert "more than one shape" in " ".join(found.remarks)


def test_what_is_no_page_is_given_whole_in_its_colours():
    """A patch of colours of every kind, as photos are, is MNIST-M's background."""
    rng = np.random.default_rng(0)
    rough = Image.fromarray(rng.integers(0, 256, size=(7, 7, 3), dtype=np.uint8)).resize((112, 112), 3)
    found = crop_digit(np.asarray(rough))
    assert found.kind == "whole"
    assert np.ptp(found.image, axis=0).max() > 50


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (3, 3), (4, 4), (5, 640), (640, 17)])
def test_pictures_of_any_shape_are_looked_at(shape):
    for rgb in (np.full((*shape, 3), 7, np.uint8), np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)):
        for found in (crop_digit(rgb), whole_picture(rgb)):
            assert found.image.shape == (3, 28, 28)
            assert found.image.dtype == np.uint8
