import base64
import io

import numpy as np
from kedro.io.core import Version
from PIL import Image

from mnistm_da.datasets.images import ImagesDataset


def preview(folder, arrays):
    dataset = ImagesDataset(
        filepath=str(folder / "images.safetensors"), version=Version(None, "2026-01-01T00.00.00.000Z")
    )
    dataset.save(arrays)
    picture = Image.open(io.BytesIO(base64.b64decode(dataset.preview())))
    return np.array(picture)[::2, ::2]  # it is shown twice as large


def test_the_preview_shows_the_first_images_row_by_row(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (60, 3, 28, 28), dtype=np.uint8)
    shown = preview(tmp_path, {"images": images, "labels": np.arange(60)})
    assert shown.shape == (6 * 28, 9 * 28, 3)
    np.testing.assert_array_equal(shown[:28, 28:56], images[1].transpose(1, 2, 0))
    np.testing.assert_array_equal(shown[28:56, :28], images[9].transpose(1, 2, 0))


def test_grey_images_two_parts_and_fewer_than_fit(tmp_path):
    train = np.full((40, 1, 28, 28), 200, dtype=np.uint8)
    test = np.full((2, 1, 28, 28), 100, dtype=np.uint8)
    shown = preview(tmp_path, {"train_images": train, "test_images": test})
    assert shown.shape == (6 * 28, 9 * 28, 3)
    assert (shown[: 3 * 28] == 200).all()
    assert (shown[3 * 28 : 4 * 28, : 2 * 28] == 100).all()
    assert not shown[4 * 28 :].any()
