"""Check what was read and keep it, so that later stages do not need the raw files again."""

import logging
from typing import Any

import numpy as np

from mnistm_da.domains.blending import pack_photos
from mnistm_da.domains.format import DIGITS
from mnistm_da.errors import UserError

logger = logging.getLogger(__name__)

PARTS = ("train", "test")


def ingest_digits(raw: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Check the digits, give them back with a channel axis, and state the format that all images of a run have.

    Args:
        raw: ``train_images`` and ``test_images`` (N, S, S) uint8 0–255, ``train_labels`` and ``test_labels`` (N,).

    Returns:
        The same names, images ``(N, 1, S, S)`` uint8, labels ``(N,)`` int64; and the `Format` as a dictionary.

    Raises:
        UserError: a wrong shape, type or label.
    """
    digits = {}
    for part in PARTS:
        images, labels = raw[f"{part}_images"], raw[f"{part}_labels"]
        if images.dtype != np.uint8 or images.shape != (len(labels), DIGITS.side, DIGITS.side):
            raise UserError(f"{part} images are {images.dtype} {images.shape} for {len(labels)} labels")
        if not np.isin(labels, np.arange(len(DIGITS.classes))).all():
            raise UserError(f"{part} labels are not all digits 0–9")
        digits[f"{part}_images"] = images[:, None]
        digits[f"{part}_labels"] = labels.astype(np.int64)
    logger.info("%s training and %s test digits", *(f"{len(digits[f'{part}_labels']):,}" for part in PARTS))
    return digits, DIGITS.model_dump(mode="json")


def ingest_photos(raw: dict[str, list[np.ndarray]], format: dict[str, Any]) -> dict[str, np.ndarray]:
    """Pack the photos of each part into one buffer; see `pack_photos`.

    Args:
        raw: ``train`` and ``test`` photos, (H, W, 3) uint8 each.
        format: of the images that are to be cut from them.

    Returns:
        ``train_pixels``, ``train_shapes``, ``test_pixels``, ``test_shapes``.

    Raises:
        UserError: the same photo stands in both parts, or one is not a photo.
    """
    if {photo.tobytes() for photo in raw["train"]} & {photo.tobytes() for photo in raw["test"]}:
        raise UserError("a photo is both a training and a test background")
    photos = {}
    for part in PARTS:
        photos[f"{part}_pixels"], photos[f"{part}_shapes"] = pack_photos(raw[part], format["side"])
    logger.info("%d training and %d test photos", len(raw["train"]), len(raw["test"]))
    return photos
