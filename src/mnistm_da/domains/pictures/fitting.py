"""A picture of any size, brought into a square of the side that the networks see."""

import numpy as np
from PIL import Image, ImageOps

from ..format import Fit


def fitted(rgb: np.ndarray, side: int, fit: Fit) -> np.ndarray:
    """Give a picture as a square.

    Args:
        rgb: ``(H, W, 3)`` uint8 0–255.
        side: height and width wanted, in pixels.
        fit: ``pad``: all of it, with its aspect, and the rest filled in the colour of its border; ``crop``: its central
            square; ``stretch``: all of it, without its aspect.

    Returns:
        ``(3, side, side)`` uint8.
    """
    picture, size = Image.fromarray(rgb), (side, side)
    if fit == "stretch":
        square = picture.resize(size, Image.Resampling.LANCZOS)
    elif fit == "crop":
        square = ImageOps.fit(picture, size, Image.Resampling.LANCZOS)
    else:
        border = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
        red, green, blue = (round(float(value)) for value in np.median(border, axis=0))
        square = ImageOps.pad(picture, size, Image.Resampling.LANCZOS, color=(red, green, blue))
    return np.asarray(square).transpose(2, 0, 1)
