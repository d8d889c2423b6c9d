import numpy as np
import pytest

from mnistm_da.domains import blending


@pytest.fixture
def photos():
    rng = np.random.default_rng(1)
    return [rng.integers(0, 256, size=(*size, 3), dtype=np.uint8) for size in ((40, 60), (61, 33), (28, 28))]


@pytest.fixture
def digits():
    rng = np.random.default_rng(2)
    return (rng.integers(0, 256, size=(500, 28, 28)) * (rng.random((500, 28, 28)) < 0.3)).astype(np.uint8)


def test_photos_come_back_from_the_buffer(photos):
    pixels, shapes = blending.pack_photos(photos, 28)
    for photo, planes in zip(photos, blending.unpack_photos(pixels, shapes), strict=True):
        np.testing.assert_array_equal(planes.transpose(1, 2, 0), photo)


def test_every_image_is_the_absolute_difference_of_a_patch_and_its_binarised_digit(photos, digits):
    pixels, shapes = blending.pack_photos(photos, 28)
    images = blending.blend(digits, pixels, shapes, threshold=100, seed=(3, 4))
    assert images.shape == (500, 3, 28, 28)
    assert images.dtype == np.uint8
    positions = blending._pick_positions(500, shapes - 27, np.random.default_rng((3, 4)))
    for digit, image, number, row, column in zip(digits, images, *positions, strict=True):
        patch = photos[number][row : row + 28, column : column + 28].astype(int)
        expected = abs(patch - np.where(digit > 100, 255, 0)[:, :, None])
        np.testing.assert_array_equal(image.transpose(1, 2, 0), expected)


def test_patches_are_uniform_over_all_positions_of_all_photos(photos):
    _, shapes = blending.pack_photos(photos, 28)
    number, row, column = blending._pick_positions(100_000, shapes - 27, np.random.default_rng(0))
    places = (shapes - 27).prod(axis=1)
    flat = (np.cumsum(places) - places)[number] + row * (shapes[number, 1] - 27) + column
    counts = np.bincount(flat, minlength=places.sum())
    assert len(counts) == places.sum()
    expected = 100_000 / places.sum()
    chi_square = ((counts - expected) ** 2 / expected).sum()
    freedom = places.sum() - 1
    assert abs(chi_square - freedom) < 5 * np.sqrt(2 * freedom)


def test_same_seed_gives_same_bytes_and_another_seed_others(photos, digits):
    packed = blending.pack_photos(photos, 28)
    first, again, other = (blending.blend(digits, *packed, threshold=0, seed=seed) for seed in ((1, 2), (1, 2), (2, 2)))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_a_patch_has_the_size_of_the_digits():
    photos = [np.full((40, 60, 3), 10, dtype=np.uint8)]
    images = blending.blend(
        np.full((5, 32, 32), 255, np.uint8), *blending.pack_photos(photos, 32), threshold=0, seed=[0]
    )
    assert images.shape == (5, 3, 32, 32)
    assert (images == 245).all()


@pytest.mark.parametrize(
    ("photo", "message"),
    [
        (np.zeros((27, 40, 3), np.uint8), "smaller than a 28×28 patch"),
        (np.zeros((40, 40, 3), np.float32), "wanted uint8"),
        (np.zeros((40, 40), np.uint8), "wanted uint8"),
    ],
)
def test_what_is_no_photo_is_refused(photo, message):
    with pytest.raises(ValueError, match=message):
        blending.pack_photos([photo], 28)


def test_no_photos_is_an_error():
    with pytest.raises(ValueError, match="no photos"):
        blending.pack_photos([], 28)
