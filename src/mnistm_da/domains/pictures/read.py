"""All pictures of a place, each as a network is given it; one that fails is left out, and never the batch."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from ..format import Fit
from .crop import Cropped, crop_digit, whole_picture
from .decode import decode, without_warnings
from .find import PicturesError, find_pictures, shown
from .fitting import fitted

logger = logging.getLogger(__name__)

THUMB = 112
"""Pixels of the square that a picture is shown in."""


@dataclass(frozen=True)
class Pictures:
    """N pictures.

    Attributes:
        names: of the files, as `shown` spells them.
        images: ``(N, 3, S, S)`` uint8 0–255 RGB, for a network; S is 28, or as it was asked for.
        originals: ``(N, 3, 112, 112)`` uint8, the pictures as they were, on white where they are no squares.
        boxes: ``(N, 4)`` int64: left, top, right and bottom of the part in ``images``, in pixels of ``originals``.
        found: ``(N,)`` bool: there is something on the picture.
        left_out: a line for each picture that could not be read: its name and the reason.
    """

    names: list[str]
    images: np.ndarray
    originals: np.ndarray
    boxes: np.ndarray
    found: np.ndarray
    left_out: list[str]


def read_pictures(
    place: Path, crop: Literal["digit", "none"] = "digit", own: tuple[int, Fit] | None = None
) -> Pictures:
    """Read a picture, or every picture of a folder.

    The log tells which files are left out, and has the notes for the user on the others.

    Args:
        place: see `find_pictures`.
        crop: ``digit``: find the digit and bring it into MNIST's form (`crop_digit`); ``none``: reduce the central
            square.
        own: side and fit of the pictures that a model was trained on, if these were a user's own. Then each is brought
        into a square as those were, whatever ``crop`` is.

    Raises:
        PicturesError: there is no such place, or no readable picture in it.
    """
    there = find_pictures(place)
    for line in there.skipped:
        logger.warning("left out %s", line)
    read: list[tuple[str, Cropped, np.ndarray, tuple[int, int, int, int]]] = []
    left_out = []
    for path in there.pictures:
        name = shown(path.name)
        try:
            with without_warnings():
                rgb, remarks = decode(path)
            cropped = _cropped(rgb, crop, own)
        except Exception as error:  # a decoder answers to a damaged file with whatever it stumbles over
            left_out.append(f"{name}: it cannot be read ({_in_a_line(error)})")
            logger.warning("left out %s", left_out[-1])
            continue
        if crop == "digit" and cropped.kind == "whole" and not own:
            remarks.append("no digit stands out from its background: its central square is read as it is")
        for remark in (*remarks, *cropped.remarks):
            logger.info("%s: %s", name, remark)
        read.append((name, cropped, *_thumbnail(rgb, cropped.box)))
    if not read:
        raise PicturesError(f"no picture in '{shown(place)}' can be read: {'; '.join(left_out[:3])}")
    return Pictures(
        names=[name for name, *_ in read],
        images=np.stack([cropped.image for _, cropped, *_ in read]),
        originals=np.stack([thumbnail for *_, thumbnail, _ in read]),
        boxes=np.array([box for *_, box in read], dtype=np.int64),
        found=np.array([cropped.kind != "blank" for _, cropped, *_ in read]),
        left_out=left_out,
    )


def _cropped(rgb: np.ndarray, crop: Literal["digit", "none"], own: tuple[int, Fit] | None) -> Cropped:
    if own is None:
        return crop_digit(rgb) if crop == "digit" else whole_picture(rgb)
    box = whole_picture(rgb).box if own[1] == "crop" else (0.0, 0.0, 1.0, 1.0)
    return Cropped(fitted(Image.fromarray(rgb), *own), box, "whole")


def _in_a_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _thumbnail(rgb: np.ndarray, box: tuple[float, float, float, float]) -> tuple[np.ndarray, tuple[int, int, int, int]]:
    """Give a picture in a square, ``(3, 112, 112)`` uint8, and where the box is in it."""
    picture = Image.fromarray(rgb)
    scale = THUMB / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    square = Image.new("RGB", (THUMB, THUMB), "white")
    left, top = (THUMB - size[0]) // 2, (THUMB - size[1]) // 2
    square.paste(picture.resize(size, Image.Resampling.LANCZOS), (left, top))
    corners = [round(at + share * of) for share, at, of in zip(box, (left, top) * 2, size * 2, strict=True)]
    return np.asarray(square).transpose(2, 0, 1), (corners[0], corners[1], corners[2], corners[3])
