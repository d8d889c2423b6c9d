"""A picture file as RGB, whatever its format, depth and orientation are; large ones are reduced while they are read."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

FORMATS = ("PNG", "JPEG", "JPEG2000", "BMP", "DIB", "GIF", "TIFF", "WEBP", "AVIF", "PPM", "TGA", "PCX", "ICO")
"""Pillow's decoders of pixels; others of its formats start programs, such as Ghostscript."""

LONG_SIDE = 640
"""Pixels of the result's longer side: a digit of a thirtieth of it still has the 20 pixels of MNIST's."""

MAX_PIXELS = 100_000_000
"""Of a picture: with four channels, it takes 400 MB to decode."""

STEPS = (255, 1023, 4095, 16383, 65535)
"""What the values of 8, 10, 12, 14 and 16 bits end at."""

ORIENTATION = 0x0112
"""EXIF's tag."""

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@contextmanager
def without_warnings() -> Iterator[None]:
    """Ignore Pillow's warnings: of damaged metadata, and of sizes that `decode` checks itself.

    To be entered once around all threads that decode, since the whole process has one set of filters. If two threads
    each set and reset them, the later one would leave the filters of the other.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def decode(path: Path) -> tuple[np.ndarray, list[str]]:
    """Read a picture as an array, ``(H, W, 3)`` uint8 0–255, with the notes on how it was read; see `picture_of`."""
    picture, remarks = picture_of(path)
    return np.asarray(picture), remarks


def picture_of(path: Path) -> tuple[Image.Image, list[str]]:
    """Read a picture.

    Its EXIF orientation is applied. Transparent pixels become white, or black under white strokes. Values of more than
    eight bits are scaled by their range. Of several frames the first is read. Pillow may warn; see `without_warnings`.

    Returns:
        picture: in RGB, neither side longer than `LONG_SIDE`.
        remarks: notes for the user on how it was read.

    Raises:
        Exception: of any class, with which Pillow and its decoders answer to damaged files.
    """
    with path.open("rb") as file, _open(file, path) as picture:
        remarks = _frames(picture)
        _check_exif(picture)
        picture.draft(None, (LONG_SIDE, LONG_SIDE))  # of a JPEG, a smaller one can be decoded
        _check_size(picture.size)
        picture.load()
        turn = TURNS.get(picture.getexif().get(ORIENTATION, 1))  # now: Pillow has turned a TIFF when it is loaded
        rgb, scaled = _reduced(picture)
    rgb.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
    rgb = rgb.transpose(turn) if turn is not None else rgb
    lowest, highest = zip(*rgb.getextrema(), strict=True)
    low, high = min(lowest), max(highest)
    if 0 < high < STEPS[0] / 10 and high > low:
        scaled = [f"its values end at {high} of 255: they are scaled up to be seen"]
        rgb = Image.fromarray(_stretched(np.asarray(rgb, dtype=np.float32), low, high))
    return rgb, remarks + scaled


def _open(file: BinaryIO, path: Path) -> Image.Image:
    Image.init()
    try:
        return Image.open(file, formats=[name for name in FORMATS if name in Image.OPEN])
    except Image.DecompressionBombError:
        raise ValueError(f"it has more than {MAX_PIXELS // 10**6} megapixels; make it smaller") from None
    except Image.UnidentifiedImageError:
        raise ValueError(_unidentified(path)) from None


def _unidentified(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(16)
    if not start:
        return "the file is empty"
    if start[4:8] == b"ftyp" and start[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc"):
        return "it is HEIC, whatever its name says; save it as JPEG or PNG"
    return "its content is no picture of a known format"


def _check_exif(picture: Image.Image) -> None:
    """Refuse a picture of which it cannot be known how it is to be turned: a 6 would be read as a 9."""
    try:
        Image.Exif().load(picture.info.get("exif", b""))
    except Exception as error:
        raise ValueError(f"its EXIF block is broken, which says where the top is; save it again ({error})") from error


def _check_size(size: tuple[int, int]) -> None:
    if size[0] * size[1] > MAX_PIXELS:
        raise ValueError(
            f"it has {size[0] * size[1] / 1e6:.0f} megapixels, and at most {MAX_PIXELS // 10**6} are read; "
            "make it smaller"
        )


def _frames(picture: Image.Image) -> list[str]:
    """Say that there is more than one frame, but not of a photo that has its own preview inside (MPO)."""
    try:
        count = getattr(picture, "n_frames", 1) if picture.format != "MPO" else 1
    except Exception:  # the frames behind the first are not needed, and may be damaged
        picture.seek(0)
        return []
    return [f"the first of its {count} frames is read"] if count > 1 else []


def _reduced(picture: Image.Image) -> tuple[Image.Image, list[str]]:
    """Give a picture as RGB, reduced by a whole factor where it is large, strip by strip to spare memory."""
    width, height = picture.size
    factor = max(1, max(width, height) // LONG_SIDE)
    is_deep = picture.mode in ("I", "F") or picture.mode.startswith("I;")
    ground = None if is_deep else _ground(picture)
    if factor == 1 and not is_deep:
        return _rgb(picture, picture, ground), []
    strips = []
    for top in range(0, height, 64 * factor):
        strip = picture.crop((0, top, width, min(height, top + 64 * factor)))
        small = _means(np.asarray(strip), factor) if is_deep else _rgb(strip, picture, ground).reduce(factor)
        strips.append(np.asarray(small))
    whole = np.concatenate(strips)
    if not is_deep:
        return Image.fromarray(whole), []
    scaled, remark = _to_eight_bits(whole, is_float=picture.mode == "F")
    return Image.fromarray(scaled).convert("RGB"), [remark]


def _rgb(part: Image.Image, of: Image.Image, ground: str | None) -> Image.Image:
    if ground is None:
        return part.convert("RGB")
    drawn = _rgba(part, of)
    return Image.alpha_composite(Image.new("RGBA", drawn.size, ground), drawn).convert("RGB")


def _rgba(part: Image.Image, of: Image.Image) -> Image.Image:
    if "transparency" in of.info:
        part.info["transparency"] = of.info["transparency"]
    return part.convert("RGBA")


def _ground(picture: Image.Image) -> str | None:
    """Give the colour to put behind a picture that is transparent in places: black where all that is drawn is white."""
    if "A" not in picture.getbands() and "a" not in picture.getbands() and "transparency" not in picture.info:
        return None
    step = max(1, max(picture.size) // LONG_SIDE)
    sample = picture.resize((-(-picture.width // step), -(-picture.height // step)), Image.Resampling.NEAREST)
    pixels = np.asarray(_rgba(sample, picture))
    opaque = pixels[..., 3] > 127
    if opaque.all() or not opaque.any():
        return "white"
    return "black" if np.quantile(pixels[opaque][:, :3].min(axis=1), 0.01) > 200 else "white"


def _means(values: np.ndarray, factor: int) -> np.ndarray:
    """Give the means of blocks of ``(H, W)`` numbers, float64; what does not fill a block at the end is cut off."""
    height, width = values.shape
    down, across = min(factor, height), min(factor, width)
    blocks = values[: height // down * down, : width // across * across]
    return blocks.reshape(height // down, down, width // across, across).mean(axis=(1, 3), dtype=np.float64)


def _to_eight_bits(values: np.ndarray, *, is_float: bool) -> tuple[np.ndarray, str]:
    """Scale ``(H, W)`` numbers of any range to uint8 0–255 by what the values are, and say how."""
    finite = np.isfinite(values)
    if not finite.any():
        raise ValueError("none of its values is a finite number")
    low, high = float(values[finite].min()), float(values[finite].max())
    values = np.where(finite, values, low)
    top = next((step for step in ((1, *STEPS) if is_float else STEPS) if high <= step), None)
    if low >= 0 and top and (high >= top / 10 or high == low):
        return np.round(values * (255 / top)).astype(np.uint8), f"its values end at {high:g}: {top} is read as white"
    return _stretched(values, low, high), f"its values go from {low:g}, read as black, to {high:g}, read as white"


def _stretched(values: np.ndarray, low: float, high: float) -> np.ndarray:
    return np.round((values - low) * (255 / max(high - low, 1e-30))).astype(np.uint8)
