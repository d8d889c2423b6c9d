"""Making MNIST-M: against the loop of public scripts, and against copying as many bytes."""

from collections.abc import Iterator

import numpy as np

from mnistm_da.domains.blending import blend, pack_photos
from mnistm_da.domains.format import DIGITS

from .data import Raw
from .measure import Result, alternate


def loop(digits: np.ndarray, photos: list[np.ndarray], rng: np.random.RandomState) -> np.ndarray:
    """One image at a time, as public scripts do it: a random photo, a random position, the absolute difference."""
    images = np.empty((len(digits), 28, 28, 3), dtype=np.uint8)
    for number, digit in enumerate(digits):
        photo = photos[rng.randint(len(photos))]
        row, column = rng.randint(photo.shape[0] - 27), rng.randint(photo.shape[1] - 27)
        patch = photo[row : row + 28, column : column + 28]
        stroke = (digit > 0).astype(np.float32).reshape(28, 28, 1) * 255
        images[number] = np.abs(patch - np.concatenate([stroke, stroke, stroke], axis=2)).astype(np.uint8)
    return images


def run(raw: Raw, rounds: int) -> Iterator[Result]:
    """Compare synthesis with the loop and with the memory floor."""
    digits, photos = raw.digits["train_images"], raw.photos["train"]
    pixels, shapes = pack_photos(photos, DIGITS.side)

    def ours() -> np.ndarray:
        return blend(digits, pixels, shapes, threshold=0, seed=[0])

    made = ours()
    facts = {"images": len(digits), "photos": len(photos)}

    def packed_and_ours() -> np.ndarray:
        return blend(digits, *pack_photos(photos, DIGITS.side), threshold=0, seed=[0])  # the loop needs no packing

    times = alternate(packed_and_ours, lambda: loop(digits, photos, np.random.RandomState(0)), rounds)
    yield Result(
        "MNIST-M synthesis",
        "one image at a time, as public scripts",
        [theirs / mine for mine, theirs in times],
        "×",
        50,
        facts=facts | {"seconds": times},
    )
    times = alternate(ours, made.copy, rounds)
    yield Result(
        "MNIST-M synthesis", "a copy of its bytes", [mine / theirs for mine, theirs in times], "×", 5, "at_most", facts
    )
