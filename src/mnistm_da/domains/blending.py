"""MNIST-M: digits blended over patches of photos.

Ganin et al., "Domain-Adversarial Training of Neural Networks", JMLR 2016 (arXiv 1505.07818), §5.2.4: for a
digit d and a photo patch p, the MNIST-M pixel of channel k is ``|p_k − d|``. With a binarised digit
(d ∈ {0, 255}) this inverts the patch under the stroke and keeps it elsewhere, and ``|p − 255| = 255 − p`` is
the bitwise ``p XOR 255``: one cheap operation instead of a widening subtraction.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..cores import threads
from ..errors import UserError


def pack_photos(photos: Sequence[np.ndarray], side: int) -> tuple[np.ndarray, np.ndarray]:
    """Put photos of different sizes into one buffer, channel planes first.

    Args:
        photos: ``(H, W, 3)`` uint8 each.
        side: height and width of the patches that are to be cut from them.

    Returns:
        pixels: ``(sum of 3·H·W,)`` uint8, each photo as its three planes.
        shapes: ``(number of photos, 2)`` int64, ``H`` and ``W``.

    Raises:
        UserError: no photo, a photo that is not ``(H, W, 3)`` uint8, or one smaller than a patch.
    """
    if not photos:
        raise UserError("no photos to cut backgrounds from")
    for number, photo in enumerate(photos):
        if photo.dtype != np.uint8 or photo.ndim != 3 or photo.shape[2] != 3:
            raise UserError(f"photo {number} is {photo.dtype} {photo.shape}, wanted uint8 (H, W, 3)")
        if min(photo.shape[:2]) < side:
            raise UserError(f"photo {number} is {photo.shape[:2]}, smaller than a {side}×{side} patch")
    pixels = np.concatenate([photo.transpose(2, 0, 1).ravel() for photo in photos])
    return pixels, np.array([photo.shape[:2] for photo in photos], dtype=np.int64)


def unpack_photos(pixels: np.ndarray, shapes: np.ndarray) -> list[np.ndarray]:
    """Give the photos of `pack_photos` back as ``(3, H, W)`` uint8 views, without a copy."""
    ends = np.cumsum(3 * shapes.prod(axis=1))
    planes = np.split(pixels, ends[:-1])
    return [plane.reshape(3, height, width) for plane, (height, width) in zip(planes, shapes, strict=True)]


def blend(
    digits: np.ndarray, pixels: np.ndarray, shapes: np.ndarray, *, threshold: int, seed: Sequence[int]
) -> np.ndarray:
    """Blend every digit over a patch that is uniform over all positions of all photos.

    The loop is over photos, not over images, and on all cores. All patches of a photo are gathered at once while the
    photo is in the cache; then they are inverted under the strokes and written to their places. Same seed, same bytes.

    Args:
        digits: ``(N, S, S)`` uint8 0–255; a patch has their size.
        pixels: buffer of `pack_photos`, uint8.
        shapes: shapes of `pack_photos`, int64.
        threshold: a digit's pixel is stroke where it is greater than this (0–254).
        seed: entropy of the generator that picks the patches.

    Returns:
        ``(N, 3, S, S)`` uint8.
    """
    count, side = digits.shape[:2]
    number, row, column = _pick_positions(count, shapes - side + 1, np.random.default_rng(seed))
    images = np.empty((count, 3, side, side), dtype=np.uint8)

    def blend_over(photo: np.ndarray, chosen: np.ndarray) -> None:
        # (H − S + 1, W − S + 1, 3, S, S): every patch of the photo, as a view
        windows = sliding_window_view(photo, (side, side), axis=(1, 2)).transpose(1, 2, 0, 3, 4)
        patches = windows[row[chosen], column[chosen]]
        stroke = np.negative((digits[chosen] > threshold).view(np.uint8))  # 255 under a stroke, else 0
        patches ^= stroke[:, None]
        images[chosen] = patches

    by_photo = np.argsort(number, kind="stable")
    chosen_of = np.split(by_photo, np.searchsorted(number[by_photo], np.arange(1, len(shapes))))
    with ThreadPoolExecutor(threads()) as pool:  # NumPy releases the interpreter lock
        for _ in pool.map(blend_over, unpack_photos(pixels, shapes), chosen_of):
            pass  # an error of a thread is raised here
    return images


def _pick_positions(
    count: int, places: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw ``count`` patches uniformly over all positions: photo number, top row and left column of each.

    ``places`` are how many top rows and left columns each photo has, ``(number of photos, 2)``.
    """
    ends = np.cumsum(places.prod(axis=1))
    position = rng.integers(ends[-1], size=count)
    number = np.searchsorted(ends, position, side="right")
    within = position - (ends - places.prod(axis=1))[number]
    row, column = np.divmod(within, places[number, 1])
    return number, row, column
