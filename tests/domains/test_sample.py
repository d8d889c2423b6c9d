import os
import subprocess
import sys

import numpy as np
from scipy import ndimage

from mnistm_da.domains import sample


def test_digits_have_the_form_of_mnist():
    digits = sample.load_sample_digits()
    for part, count in (("train", 1347), ("test", 450)):
        assert digits[f"{part}_images"].shape == (count, 28, 28)
        assert digits[f"{part}_images"].dtype == np.uint8
        assert digits[f"{part}_labels"].shape == (count,)
        assert set(digits[f"{part}_labels"]) == set(range(10))
    assert digits["train_images"].max() == 255


def test_digits_are_centred_by_mass():
    images = sample.load_sample_digits()["test_images"]
    centres = np.array([ndimage.center_of_mass(image) for image in images])
    assert np.abs(centres - 13.5).max() <= 0.51


def test_photos_are_colour_photos_and_differ_between_the_parts():
    photos = sample.load_sample_photos()
    for photo in (*photos["train"], *photos["test"]):
        assert photo.dtype == np.uint8
        assert photo.shape[2] == 3
        assert 28 <= min(photo.shape[:2]) <= max(photo.shape[:2]) <= sample.LONG_SIDE
        assert not np.array_equal(photo[..., 0], photo[..., 2])
    assert not set(sample.PHOTOS["train"]) & set(sample.PHOTOS["test"])


def test_nothing_is_written_to_the_home_folder_and_no_socket_is_opened(tmp_path):
    code = (
        "import socket; socket.socket.connect = None\n"
        "from mnistm_da.domains import sample; sample.load_sample_digits(); sample.load_sample_photos()"
    )
    environment = os.environ | {"HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert list(tmp_path.iterdir()) == []
