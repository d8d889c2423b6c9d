"""Digits as if they were photographed, drawn from the embedded sample of MNIST.

They look like ink on paper, or chalk on a board, in two colours of enough contrast. Light falls off to one side, the
digit is turned and moved a little, and the camera blurs and adds noise.
"""

from pathlib import Path

import numpy as np
from scipy import ndimage

from ..raw_files import published
from ..sample import DIGITS_SHA256, SIZES, load_sample_digits

__all__ = ["SIZES", "content", "load"]

SEED = 0
"""Fixed, whatever the seed of a run is: this is a data set."""

TURN = 12.0
"""Degrees, at most, to either side."""

SHIFT = 2.0
"""Pixels, at most, in each direction."""

DARKEST = 0.55
"""Share of the light that is left at the darker end of a picture, at least."""


def load(_: Path) -> dict[str, np.ndarray]:
    """Draw the photos; no raw file is read.

    Returns:
        ``train_images`` (4000, 3, 28, 28) and ``test_images`` (1000, 3, 28, 28) uint8, and the labels of the digits.
    """
    found = load_sample_digits()
    rng = np.random.default_rng(SEED)
    for part in ("train", "test"):
        found[f"{part}_images"] = np.stack([_photo(digit, rng) for digit in found[f"{part}_images"]])
    return found


def _photo(digit: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw a digit ``(S, S)`` uint8 as a photo ``(3, S, S)`` uint8."""
    amount = ndimage.rotate(digit / 255, rng.uniform(-TURN, TURN), reshape=False, order=1)
    amount = ndimage.shift(amount, rng.uniform(-SHIFT, SHIFT, 2), order=1)
    amount = ndimage.gaussian_filter(amount, rng.uniform(0.2, 0.7)).clip(0, 1)
    page, ink = rng.uniform(165, 245, 3), rng.uniform(10, 95, 3)
    if rng.random() < 0.3:  # a board
        page, ink = ink, page
    y, x = np.meshgrid(*(np.linspace(-0.5, 0.5, side) for side in digit.shape), indexing="ij")
    angle = rng.uniform(0, 2 * np.pi)
    light = 1 - rng.uniform(0, 1 - DARKEST) * (0.5 + (x * np.cos(angle) + y * np.sin(angle)) / np.sqrt(2))
    rgb = (page[:, None, None] * (1 - amount) + ink[:, None, None] * amount) * light
    return (rgb + rng.normal(0, rng.uniform(1, 8), rgb.shape)).round().clip(0, 255).astype(np.uint8)


def content() -> str:
    """Give a hash of the digits that they are drawn of; how they are drawn is code."""
    return published({"digits": DIGITS_SHA256, "seed": str(SEED)})


def origin() -> str:
    """Give the content of the digits that they are drawn of, in the same order."""
    return DIGITS_SHA256
