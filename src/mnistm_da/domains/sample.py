"""The embedded sample: real digits and real photos that ship inside scikit-learn and scikit-image.

Nothing is downloaded and nothing is written outside the project.
"""

from importlib.resources import as_file, files

import numpy as np
from PIL import Image
from scipy import ndimage

TRAINING_DIGITS = 1347
"""Of 1,797. The file is in the order of its writers, so a cut instead of a shuffle keeps most writers apart."""

BOX = 20
"""MNIST's digits fill a 20 × 20 box on a canvas of 28 × 28."""

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

LONG_SIDE = 481
"""Pixels of the longer side of a BSDS500 photo; larger ones are scaled down to it, so that patches look alike."""


def load_sample_digits() -> dict[str, np.ndarray]:
    """Give scikit-learn's handwritten digits (Alpaydin and Kaynak, UCI optdigits) in the form of MNIST.

    The 8 × 8 grey digits are resized to 20 × 20 and put with their centre of mass at the centre of a 28 × 28 canvas,
    as MNIST's were.

    Returns:
        ``train_images`` (1347, 28, 28) and ``test_images`` (450, 28, 28) uint8 0–255, ``train_labels`` and
        ``test_labels`` int64 0–9.
    """
    from sklearn.datasets import load_digits

    small, labels = load_digits(return_X_y=True)
    images = np.stack([_on_canvas(digit.reshape(8, 8)) for digit in small])
    labels = labels.astype(np.int64)
    return {
        "train_images": images[:TRAINING_DIGITS],
        "train_labels": labels[:TRAINING_DIGITS],
        "test_images": images[TRAINING_DIGITS:],
        "test_labels": labels[TRAINING_DIGITS:],
    }


def _on_canvas(digit: np.ndarray) -> np.ndarray:
    """Turn an 8 × 8 digit with values 0–16 into a centred 28 × 28 uint8 image."""
    grey = Image.fromarray(np.round(digit * 255 / 16).astype(np.uint8))
    canvas = np.zeros((SIDE, SIDE), dtype=np.uint8)
    margin = (SIDE - BOX) // 2
    canvas[margin:-margin, margin:-margin] = np.asarray(grey.resize((BOX, BOX), Image.Resampling.BICUBIC))
    canvas[canvas < 16] = 0  # the faint fringe of the resize is no stroke
    shift = (SIDE - 1) / 2 - np.array(ndimage.center_of_mass(canvas))
    return np.roll(canvas, np.round(shift).astype(int), axis=(0, 1))


def load_sample_photos() -> dict[str, list[np.ndarray]]:
    """Give colour photos for training and other ones for test backgrounds, (H, W, 3) uint8 RGB."""
    return {part: [_read_photo(package, path) for package, path in photos] for part, photos in PHOTOS.items()}


def _read_photo(package: str, path: str) -> np.ndarray:
    with as_file(files(package) / path) as file, Image.open(file) as photo:
        rgb = photo.convert("RGB")
        rgb.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
        return np.asarray(rgb)
