"""Check the data of each domain and keep them, so that later stages do not need the raw files again."""

import logging
from typing import Any

import numpy as np

from mnistm_da.domains.blending import blend, pack_photos
from mnistm_da.domains.format import Format
from mnistm_da.domains.partial import kept_classes, said_of_target
from mnistm_da.domains.reading import PARTS, check_pairs, checked_images, checked_labels
from mnistm_da.errors import UserError
from mnistm_da.parameters import SynthesisParams
from mnistm_da.seeds import stream

logger = logging.getLogger(__name__)

Arrays = dict[str, np.ndarray]


def ingest_source(raw: dict[str, Any], target_classes: Any = None) -> tuple[Arrays, dict[str, Any]]:
    """Check the labelled domain, and state the format that all images of a run have: the one its reader states.

    Args:
        raw: as `mnistm_da.domains.reading` describes it.
        target_classes: which classes the target has, for the format to state; see `kept_classes`.

    Returns:
        ``train_images`` and ``test_images`` (N, 1 or C, S, S) uint8, ``train_labels`` and ``test_labels`` (N,) int64,
        of several sources ``train_domains`` and ``test_domains`` (N,) int64; and the `Format` as a dictionary.

    Raises:
        UserError: a wrong shape, type or label; ``target_classes`` that cannot be.
    """
    format = raw["format"]
    if kept := kept_classes(target_classes, format.classes):
        format = format.model_copy(update={"target_classes": kept})
        logger.info(said_of_target(kept, format.classes))
    images, labels = checked_images(raw, format, "source"), checked_labels(raw, format, "source")
    check_pairs(images, labels, "source")
    logger.info("%s training and %s test images of the source", *(f"{len(labels[f'{p}_labels']):,}" for p in PARTS))
    domains = {f"{part}_domains": raw[f"{part}_domains"] for part in PARTS} if format.sources else {}
    for number, name in enumerate(format.sources or ()):
        counts = [f"{(domains[f'{part}_domains'] == number).sum():,}" for part in PARTS]
        logger.info("source %d, %s: %s training and %s test images", number, name, *counts)
    return images | labels | domains, format.model_dump(mode="json", exclude_none=True)


def ingest_photos(raw: dict[str, list[np.ndarray]], format: dict[str, Any]) -> Arrays:
    """Pack the photos of each part into one buffer; see `pack_photos`. Without photos, the buffers are empty.

    Args:
        raw: ``train`` and ``test`` photos, (H, W, 3) uint8 each.
        format: of the images that are to be cut from them.

    Returns:
        ``train_pixels``, ``train_shapes``, ``test_pixels``, ``test_shapes``.

    Raises:
        UserError: the same photo is in both parts, or one is not a photo.
    """
    if not any(raw.values()):
        nothing: Arrays = {"pixels": np.empty(0, np.uint8), "shapes": np.empty((0, 2), np.int64)}
        return {f"{part}_{name}": empty for part in PARTS for name, empty in nothing.items()}
    if {photo.tobytes() for photo in raw["train"]} & {photo.tobytes() for photo in raw["test"]}:
        raise UserError("a photo is both a training and a test background")
    photos = {}
    for part in PARTS:
        photos[f"{part}_pixels"], photos[f"{part}_shapes"] = pack_photos(raw[part], format["side"])
    logger.info("%d training and %d test photos", len(raw["train"]), len(raw["test"]))
    return photos


def make_target_images(
    raw: dict[str, Any], photos: Arrays, format: dict[str, Any], synthesis: SynthesisParams, seed: int
) -> Arrays:
    """Blend every image over a photo patch: training images over training photos, test over test.

    Without photos, the images stay as they were read.

    Args:
        raw: images of the target, as `mnistm_da.domains.reading` describes them, without labels.
        photos: of `ingest_photos`.
        format: of the images.
        synthesis: threshold of the stroke.
        seed: picks the patches.

    Returns:
        ``train_images`` and ``test_images``, (N, 1 or C, S, S) uint8, in the order of the reader.

    Raises:
        UserError: there are labels among the images; they have another format; photos are to be laid behind images in
            colour.
    """
    if any("labels" in name for name in raw):
        raise UserError(
            "raw_target_images gives labels, which no model may see: let the environment's catalog ask its reader for "
            "the images alone (part: images)"
        )
    images = checked_images(raw, Format.model_validate(format), "target")
    if not any(len(photos[f"{part}_shapes"]) for part in PARTS):
        return images
    if format["channels"] != 3 or any(array.shape[1] != 1 for array in images.values()):
        raise UserError(
            "photos are laid behind grey images, and the result is in colour: for images that are as they should be, "
            "let the environment's catalog give raw_photos the type mnistm_da.datasets.raw.NoPhotos"
        )
    return {
        f"{part}_images": blend(
            images[f"{part}_images"][:, 0],
            photos[f"{part}_pixels"],
            photos[f"{part}_shapes"],
            threshold=synthesis.threshold,
            seed=stream(seed, f"synthesis/{part}"),
        )
        for part in PARTS
    }


def ingest_target_labels(raw: dict[str, Any], format: dict[str, Any]) -> Arrays:
    """Check the target's labels, for evaluation, bounds and the settings that may see some of them.

    Args:
        raw: labels of the target, as `mnistm_da.domains.reading` describes them.
        format: of the run.

    Returns:
        ``train_labels`` and ``test_labels``, (N,) int64, in the order of the images.

    Raises:
        UserError: a label that is no place of a class, or of a class that the target should not have.
    """
    images = Format.model_validate(format)
    labels = checked_labels(raw, images, "target")
    missing = [images.classes.index(name) for name in images.missing_in_target]
    if any(np.isin(of, missing).any() for of in labels.values()):
        raise UserError(
            "target_classes drops classes of the target, but its reader does not: let the environment's catalog give "
            "raw_target_{part} the line target_classes: ${parameter:target_classes}"
        )
    return labels
