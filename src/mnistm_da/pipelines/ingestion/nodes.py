"""Check what was read and keep it, so that later stages do not need the raw files again."""

import logging

import numpy as np

from mnistm_da.domains.blending import pack_photos
from mnistm_da.errors import UserError

logger = logging.getLogger(__name__)

PARTS = ("train", "test")


def ingest_digits(raw: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Check the digits and give them back with a channel axis.

    Args:
        raw: ``train_images`` and ``test_images`` (N, 28, 28) uint8 0–255, ``train_labels`` and ``test_labels``
            (N,) 0–9.

    Returns:
        The same names, images ``(N, 1, 28, 28)`` uint8, labels ``(N,)`` int64.

    Raises:
        UserError: a wrong shape, type or label.
    """
    digits = {}
    for part in PARTS:
        images, labels = raw[f"{part}_images"], raw[f"{part}_labels"]
        if images.dtype != np.uint8 or images.shape != (len(labels), 28, 28):
            raise UserError(f"{part} images are {images.dtype} {images.shape} for {len(labels)} labels")
        if not np.isin(labels, np.arange(10)).all():
            raise UserError(f"{part} labels are not all digits 0–9")
        digits[f"{part}_images"] = images[:, None]
        digits[f"{part}_labels"] = labels.astype(np.int64)
    logger.info("%s training and %s test digits", *(f"{len(digits[f'{part}_labels']):,}" for part in PARTS))
    return digits


def ingest_photos(raw: dict[str, list[np.ndarray]]) -> dict[str, np.ndarray]:
    """Pack the photos of each part into one buffer; see `pack_photos`.

    Args:
        raw: ``train`` and ``test`` photos, (H, W, 3) uint8 each.

    Returns:
        ``train_pixels``, ``train_shapes``, ``test_pixels``, ``test_shapes``.

    Raises:
        UserError: the same photo stands in both parts, or one is not a photo.
    """
    if {photo.tobytes() for photo in raw["train"]} & {photo.tobytes() for photo in raw["test"]}:
        raise UserError("a photo is both a training and a test background")
    photos = {}
    for part in PARTS:
        photos[f"{part}_pixels"], photos[f"{part}_shapes"] = pack_photos(raw[part])
    logger.info("%d training and %d test photos", len(raw["train"]), len(raw["test"]))
    return photos
