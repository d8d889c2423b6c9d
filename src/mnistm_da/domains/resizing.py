"""Arrays of images, brought to another side."""

import numpy as np
from PIL import Image


def resized(images: np.ndarray, side: int) -> np.ndarray:
    """Give images with another side, resampled bilinearly, with antialiasing.

    Args:
        images: ``(N, H, W)`` or ``(N, 3, H, W)`` uint8 0–255.
        side: height and width wanted.

    Returns:
        ``(N, side, side)`` or ``(N, 3, side, side)`` uint8.
    """
    made = np.empty((*images.shape[:-2], side, side), dtype=np.uint8)
    for place in np.ndindex(images.shape[:-2]):
        made[place] = Image.fromarray(images[place]).resize((side, side), Image.Resampling.BILINEAR)
    return made
