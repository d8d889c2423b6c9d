"""A user's own pictures of digits, of any size and format that Pillow reads."""

import logging
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from ..errors import UserError

logger = logging.getLogger(__name__)

SIDE = 28
SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp"}


def find_pictures(folder: Path) -> list[Path]:
    """List the files of a folder that are named like pictures, in the order of their names; not those of its folders.

    Raises:
        UserError: there is no such folder, or no such file in it.
    """
    folder = folder.expanduser()
    if not folder.is_dir():
        raise UserError(f"there is no folder '{folder}': name one with PNG or JPEG files in it")
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
    if not found:
        raise UserError(f"there is no picture in '{folder}' (looked for {', '.join(sorted(SUFFIXES))})")
    return found


def load_user_images(folder: Path) -> tuple[list[str], np.ndarray]:
    """Read every picture of a folder, cut to its central square and reduced to 28 × 28.

    A picture that cannot be read is reported in the log and left out. What is transparent becomes white.

    Args:
        folder: see `find_pictures`.

    Returns:
        names: of the N files that were read.
        images: ``(N, 3, 28, 28)`` uint8 0–255 RGB.

    Raises:
        UserError: there is no such folder, or no readable picture in it.
    """
    names, images = [], []
    for path in find_pictures(folder):
        try:
            with Image.open(path) as picture:
                rgb = _on_white(ImageOps.exif_transpose(picture))
            images.append(np.asarray(ImageOps.fit(rgb, (SIDE, SIDE), Image.Resampling.LANCZOS)))
            names.append(path.name)
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            logger.warning("left out %s: it cannot be read (%s)", path.name, error)
    if not images:
        raise UserError(f"no picture in '{folder}' can be read; the log says why")
    return names, np.stack(images).transpose(0, 3, 1, 2)


def _on_white(picture: Image.Image) -> Image.Image:
    """Give a picture as RGB; of 16-bit greys, which Pillow would cut off at 255, the upper eight bits."""
    if picture.mode.startswith("I;16") or picture.mode == "I":
        return Image.fromarray((np.asarray(picture) >> 8).clip(0, 255).astype(np.uint8)).convert("RGB")
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    drawn = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", drawn.size, "white"), drawn).convert("RGB")
