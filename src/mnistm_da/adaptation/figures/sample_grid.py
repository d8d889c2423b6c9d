"""The images of both domains as one picture."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from mnistm_da.adaptation.figures.text import drawable, text_is_text

ROWS = 4
"""Images of each class and domain in the sample grid."""


@text_is_text
def sample_grid(
    source_images: np.ndarray,
    source_labels: np.ndarray,
    target_images: np.ndarray,
    target_labels: np.ndarray,
    classes: Sequence[str],
    *,
    source_title: str,
    target_title: str,
) -> Figure:
    """Draw the first images of each class, a column per class, a block per domain.

    Args:
        source_images: ``(N, 1 or 3, S, S)`` uint8 0–255.
        source_labels: ``(N,)``, places of ``classes``.
        target_images: likewise.
        target_labels: likewise.
        classes: their names.
        source_title: what the block is called.
        target_title: what the block is called.
    """
    figure = Figure(figsize=(max(0.7 * len(classes), 4), 6.4), layout="constrained")
    side = source_images.shape[-1]
    domains = ((source_images, source_labels, source_title), (target_images, target_labels, target_title))
    for axes, (images, labels, title) in zip(figure.subplots(2, 1), domains, strict=True):
        axes.imshow(mosaic(images, labels, len(classes)))
        axes.set_title(title)
        names = [drawable(name) for name in classes] if (labels >= 0).all() else []
        axes.set_xticks(
            side * np.arange(len(names)) + side / 2, names, rotation=30 if len(max(classes, key=len)) > 7 else 0
        )
        axes.set_yticks([])
        axes.tick_params(length=0)
    return figure


def mosaic(images: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """Give the first images of each class, a column per class.

    Args:
        images: ``(N, 1 or 3, S, S)`` uint8 0–255.
        labels: ``(N,)``, from 0 to below ``classes``; negative without one: then columns mean nothing.
        classes: how many there are.

    Returns:
        ``(ROWS · S, classes · S, 3)`` uint8; a place is black where a class has fewer than `ROWS` images.
    """
    side = images.shape[-1]
    if (labels < 0).any():
        labels = np.arange(len(images)) % classes
    places = np.zeros((ROWS, classes, side, side, 3), dtype=np.uint8)
    for label in range(classes):
        found = images[labels == label][:ROWS].transpose(0, 2, 3, 1)
        places[: len(found), label] = found
    return places.transpose(0, 2, 1, 3, 4).reshape(ROWS * side, classes * side, 3)
