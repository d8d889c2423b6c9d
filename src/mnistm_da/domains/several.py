"""Several sources as one domain: their images one after the other, and the number of the source of each."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .reading import PARTS


def joined(readings: Sequence[dict[str, Any]]) -> dict[str, np.ndarray]:
    """Put sources of one side together. Where one is in colour, all are.

    Args:
        readings: of each source, as `domains.reading` says.

    Returns:
        ``{part}_images``, ``{part}_labels`` and ``{part}_domains``, ``(N,)`` int64: the place of the image's source
        among the ``readings``.
    """
    found: dict[str, np.ndarray] = {}
    for part in PARTS:
        images = [reading[f"{part}_images"] for reading in readings]
        images = [of[:, None] if of.ndim == 3 else of for of in images]
        channels = max(of.shape[1] for of in images)
        found[f"{part}_images"] = np.concatenate([np.broadcast_to(of, _wide(of, channels)) for of in images])
        found[f"{part}_labels"] = np.concatenate([reading[f"{part}_labels"] for reading in readings])
        found[f"{part}_domains"] = np.repeat(np.arange(len(images)), [len(of) for of in images])
    return found


def taking_turns(split: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Give a split with the sources in turn within each class, so that its first images are not all of one source.

    Args:
        split: ``images``, ``labels`` and, of several sources, ``domains``; without them, it stays as it is.
    """
    if "domains" not in split:
        return split
    turn = np.zeros(len(split["domains"]), dtype=np.int64)
    for kind in np.unique(np.stack([split["labels"], split["domains"]]), axis=1).T:
        chosen = (split["labels"] == kind[0]) & (split["domains"] == kind[1])
        turn[chosen] = np.arange(chosen.sum())
    order = np.lexsort((split["domains"], turn))
    return {name: array[order] for name, array in split.items()}


def _wide(images: np.ndarray, channels: int) -> tuple[int, ...]:
    return len(images), channels, *images.shape[2:]
