"""Many pictures as one array, decoded by a thread for each core.

Threads and not processes: Pillow releases the interpreter lock where it decodes and resizes, which is most of the work
for photos. It keeps the lock for much of the work for small pictures, but this is little. One more process needs 80 MB
and 0.7 s of processor time before it has read a picture; a thread has read five thousand of 28 × 28 by then.
"""

import logging
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from ...cores import usable
from ...errors import UserError
from ..pictures.decode import picture_of, without_warnings
from ..pictures.find import NAMED, shown
from ..pictures.fitting import Fit, fitted

logger = logging.getLogger(__name__)

CHUNK = 32
"""Pictures that a thread decodes one after the other."""


def decode_all(
    paths: Collection[Path], side: int, fit: Fit, what: str, *, is_told: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Decode pictures into one array, in their order; what cannot be read is left out.

    Every thread writes into the array itself, so that no second copy of it is made.

    Args:
        paths: of the pictures.
        side: height and width wanted, in pixels.
        fit: how a picture is brought into the square; see `fitted`.
        what: the log's name for the pictures.
        is_told: whether the log lists the pictures that are left out.

    Returns:
        images: ``(n, 3, side, side)`` uint8 0–255 RGB.
        is_read: ``(N,)`` bool, which of the pictures these are.

    Raises:
        UserError: none can be read.
    """
    listed = list(paths)
    images = np.empty((len(listed), 3, side, side), dtype=np.uint8)

    def read(start: int) -> list[str | None]:
        return _read_into(images[start : start + CHUNK], listed[start : start + CHUNK], side, fit)

    with without_warnings(), ThreadPoolExecutor(usable()) as pool:  # Pillow's decoders release the interpreter lock
        problems = [problem for chunk in pool.map(read, range(0, len(listed), CHUNK)) for problem in chunk]
    is_read = np.array([problem is None for problem in problems], dtype=bool)
    bad = [f"{shown(path)}: {problem}" for path, problem in zip(listed, problems, strict=True) if problem]
    for line in bad[:NAMED] if is_told else ():
        logger.warning("left out %s", line)
    if len(bad) > NAMED and is_told:
        logger.warning("left out %d more pictures of %s that cannot be read", len(bad) - NAMED, what)
    if not is_read.any():
        raise UserError(f"no picture of {what} can be read: {'; '.join(bad[:3])}")
    return _packed(images, is_read), is_read


def _read_into(images: np.ndarray, paths: Sequence[Path], side: int, fit: Fit) -> list[str | None]:
    """Decode pictures into their places; give for each the reason if that fails."""
    problems: list[str | None] = []
    for place, path in enumerate(paths):
        try:
            images[place] = fitted(picture_of(path)[0], side, fit)
            problems.append(None)
        except Exception as error:  # a decoder answers to a damaged file with whatever it stumbles over
            problems.append(" ".join(str(error).split())[:200] or type(error).__name__)
    return problems


def _packed(images: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Move the chosen rows to the front, in place, and give a view of them."""
    places = np.flatnonzero(chosen)
    if len(places) < len(images):
        for to, place in enumerate(places):
            images[to] = images[place]
    return images[: len(places)]
