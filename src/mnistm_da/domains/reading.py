"""The entrance of the domains: the form of a reader's result, and its checks.

A reader gives a dictionary: ``train_images`` and ``test_images``, ``(N, S, S)`` or ``(N, C, S, S)`` uint8 0–255,
``train_labels`` and ``test_labels``, ``(N,)`` integers from 0, and ``format``, a `Format`. One that is asked for a part
gives the images alone, or the labels alone. Of a target, either part may have no labels: then they are ``(0,)``.

Of several sources, there are ``train_domains`` and ``test_domains`` too, ``(N,)`` int64: the number of each image's
source, its place in ``format.sources``.
"""

from typing import Any

import numpy as np

from ..errors import UserError
from .format import Format

PARTS = ("train", "test")

UNLABELLED = -1
"""The label of a target test image that nobody knows; scikit-learn writes it so too."""


def checked_images(raw: dict[str, Any], format: Format, domain: str) -> dict[str, np.ndarray]:
    """Give the images of a domain with a channel axis.

    Args:
        raw: of a reader.
        format: of the run.
        domain: ``source`` or ``target``, for the message.

    Returns:
        ``train_images`` and ``test_images``, ``(N, 1 or C, S, S)`` uint8.

    Raises:
        UserError: the domain has another format, or images of another shape or type.
    """
    _check_format(raw["format"], format, domain)
    found = {}
    for part in PARTS:
        images = raw[f"{part}_images"]
        found[f"{part}_images"] = images[:, None] if images.ndim == 3 else images
        shape = found[f"{part}_images"].shape
        grey = (1, *format.shape[1:])
        if images.dtype != np.uint8 or shape[1:] not in (grey, format.shape) or not shape[0]:
            raise UserError(
                f"{part} images of the {domain} are {images.dtype} {images.shape}: wanted at least one of "
                f"{format.written()}, or grey, uint8"
            )
    return found


def _check_format(own: Format, format: Format, domain: str) -> None:
    if own.classes != format.classes:
        raise UserError(
            f"the classes of the {domain} are {', '.join(own.classes)}, those of the run {', '.join(format.classes)}: "
            "both domains need the same, in the same order"
        )
    if own.side != format.side:
        raise UserError(
            f"images of the {domain} have a side of {own.side} pixels, those of the run one of {format.side}: let the "
            "reader bring them to it"
        )


def checked_labels(raw: dict[str, Any], format: Format, domain: str) -> dict[str, np.ndarray]:
    """Give ``train_labels`` and ``test_labels`` of a domain, ``(N,)`` int64, places of the classes.

    Raises:
        UserError: a label that is no place of a class.
    """
    found = {}
    for part in PARTS:
        labels, classes = raw[f"{part}_labels"], len(format.classes)
        if labels.ndim != 1 or labels.dtype.kind not in "iu" or not np.isin(labels, np.arange(classes)).all():
            raise UserError(f"{part} labels of the {domain} are not all whole numbers from 0 to {classes - 1}")
        found[f"{part}_labels"] = labels.astype(np.int64)
    return found


def check_pairs(images: dict[str, np.ndarray], labels: dict[str, np.ndarray], domain: str) -> None:
    """Refuse a domain that has not as many labels as images.

    Raises:
        UserError: names the part and both numbers.
    """
    for part in PARTS:
        numbers = len(images[f"{part}_images"]), len(labels[f"{part}_labels"])
        if numbers[0] != numbers[1]:
            raise UserError(f"the {domain} has {numbers[0]} {part} images, but {numbers[1]} {part} labels")


def is_labelled(labels: np.ndarray) -> bool:
    """Whether images of the target have labels: all of them have, or none."""
    return not (labels == UNLABELLED).any()


def with_labels(images: dict[str, np.ndarray], labels: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Give the labels of a target, `UNLABELLED` where a part has none.

    Raises:
        UserError: a part has labels, but not as many as images.
    """
    found = {
        f"{part}_labels": labels[f"{part}_labels"]
        if len(labels[f"{part}_labels"])
        else np.full(len(images[f"{part}_images"]), UNLABELLED)
        for part in PARTS
    }
    check_pairs(images, found, "target")
    return found
