"""Photos of digits, drawn: a page in uneven light, on which a digit lies somewhere, in some ink."""

import numpy as np
from PIL import Image, ImageDraw

STROKES = {
    2: [(0.1, 0.25), (0.35, 0.02), (0.75, 0.05), (0.9, 0.3), (0.6, 0.6), (0.1, 0.97), (0.95, 0.97)],
    4: [(0.75, 1.0), (0.75, 0.0), (0.05, 0.65), (0.95, 0.65)],
    7: [(0.05, 0.05), (0.95, 0.05), (0.4, 1.0)],
}


def digit(number: int, side: int, width: float = 0.1) -> np.ndarray:
    """Draw a digit ``(side, side)`` float 0–1; ``width`` is that of its strokes, as a share of its height."""
    large = Image.new("L", (4 * side, 4 * side))
    points = [(4 * side * (0.1 + 0.8 * x), 4 * side * (0.1 + 0.8 * y)) for x, y in STROKES[number]]
    ImageDraw.Draw(large).line(points, fill=255, width=max(1, round(4 * side * width)), joint="curve")
    return np.asarray(large.resize((side, side), Image.Resampling.BOX)) / 255


def photo(
    shape: tuple[int, int] = (480, 640),
    *,
    ink: np.ndarray | None = None,
    at: tuple[int, int] = (40, 60),
    page: tuple[int, int, int] = (225, 220, 205),
    colour: tuple[int, int, int] = (40, 45, 60),
    noise: float = 4.0,
) -> np.ndarray:
    """Give a photo ``(H, W, 3)`` uint8 of a page in light from the left, with a digit at a place, or nothing on it."""
    height, width = shape
    light = np.linspace(1, 0.7, width)[None, :, None] * np.linspace(1, 0.9, height)[:, None, None]
    amount = np.zeros((height, width, 1))
    if ink is not None:
        amount[at[0] : at[0] + len(ink), at[1] : at[1] + len(ink), 0] = ink
    rgb = (np.array(page) * (1 - amount) + np.array(colour) * amount) * light
    return (rgb + np.random.default_rng(0).normal(0, noise, rgb.shape)).clip(0, 255).astype(np.uint8)


PAGE = photo((120, 160), ink=digit(4, 60), at=(20, 70), noise=0)


def saved(folder, name, rgb=PAGE, **options):
    Image.fromarray(rgb).save(folder / name, **options)
    return folder / name
