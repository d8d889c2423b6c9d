"""A picture of any size, brought into a square of the side that the networks see."""

import numpy as np
from PIL import Image, ImageOps

from ..format import Fit


def fitted(picture: Image.Image, side: int, fit: Fit) -> np.ndarray:
    """Give a picture as a square.

    Args:
        picture: in RGB.
        side: height and width wanted, in pixels.
        fit: ``pad``: all of it, with its aspect, and the rest filled in the colour of its border; ``crop``: its central
            square; ``stretch``: all of it, without its aspect.

    Returns:
        ``(3, side, side)`` uint8.
    """
    size = (side, side)
    if fit == "stretch" or picture.width == picture.height:  # nothing to fill, nothing to cut
        square = picture.resize(size, Image.Resampling.LANCZOS)
    elif fit == "crop":
        square = ImageOps.fit(picture, size, Image.Resampling.LANCZOS)
    else:
        square = ImageOps.pad(picture, size, Image.Resampling.LANCZOS, color=_colour_of_border(picture))
    return np.asarray(square).transpose(2, 0, 1)


def _colour_of_border(picture: Image.Image) -> tuple[int, int, int]:
    """Give the median of each channel, of the outermost pixels."""
    width, height = picture.size
    edges = ((0, 0, width, 1), (0, height - 1, width, height), (0, 0, 1, height), (width - 1, 0, width, height))
    border = np.concatenate([np.asarray(picture.crop(edge)).reshape(-1, 3) for edge in edges])
    red, green, blue = (round(float(value)) for value in np.median(border, axis=0))
    return red, green, blue
