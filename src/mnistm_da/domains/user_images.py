"""A user's own pictures of digits, of any size and format that Pillow reads."""

import logging
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

logger = logging.getLogger(__name__)

SIDE = 28
SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp"}


def load_user_images(folder: Path) -> tuple[list[str], np.ndarray]:
    """Read every picture of a folder, cut to its central square and reduced to 28 × 28.

    A picture that cannot be read is reported in the log and left out.

    Args:
        folder: its pictures are taken in the order of their names; folders in it are not looked into.

    Returns:
        names: of the N files that were read.
        images: ``(N, 3, 28, 28)`` uint8 0–255 RGB.

    Raises:
        ValueError: there is no such folder, or no readable picture in it.
    """
    if not folder.is_dir():
        raise ValueError(f"there is no folder {folder}: set images to one with PNG or JPEG files in it")
    names, images = [], []
    for path in sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES):
        try:
            with Image.open(path) as picture:
                upright = ImageOps.exif_transpose(picture).convert("RGB")
                images.append(np.asarray(ImageOps.fit(upright, (SIDE, SIDE), Image.Resampling.LANCZOS)))
                names.append(path.name)
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            logger.warning("left out %s: it cannot be read (%s)", path.name, error)
    if not images:
        raise ValueError(f"there is no readable picture in {folder} (looked for {', '.join(sorted(SUFFIXES))})")
    return names, np.stack(images).transpose(0, 3, 1, 2)
