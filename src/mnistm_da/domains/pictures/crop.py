"""Find the digit on a picture of paper, a board or a screen, and bring it into the form of MNIST.

MNIST was made in this way (LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition",
1998, §III.A). The digit is scaled to fit a box of 20 × 20 with its aspect kept, and its centre of mass is put in the
centre of 28 × 28. NIST's scans had an even page, photos have not. So the background is estimated and subtracted first.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image, ImageOps
from scipy import ndimage

from .background import even_page, shaded_page, without

SIDE, BOX = 28, 20

FAINTEST = 9.0
"""Of 255: ink that differs less from its background is not told from a stain."""

CLEAR = 5.0
"""How often ink exceeds the spread of its background, where a digit is found; below, it is a blank page or a photo."""

GRAIN = 7.0
"""Of 255: a background that is spread wider than this is no page, but the texture of a photo."""

THINNEST = 2.0
"""Pixels of a stroke at MNIST's size: thinner ones, as of a ball pen, are drawn as wide as this, as MNIST's are."""

SMALLEST = 16
"""Pixels of a digit's longer side, on a picture that is not small itself: smaller shapes are dust."""

Kind = Literal["digit", "whole", "blank"]


@dataclass(frozen=True)
class Cropped:
    """The part of a picture that a network sees.

    Attributes:
        image: ``(3, 28, 28)`` uint8 0–255.
        box: left, top, right and bottom of the part that the image shows, as shares (0–1) of the picture's width and
            height.
        kind: ``digit``: it was found, and is white on black. ``whole``: the picture is no page, so its central square
        is given in its colours. ``blank``: there is nothing on it.
        remarks: notes for the user.
    """

    image: np.ndarray
    box: tuple[float, float, float, float]
    kind: Kind
    remarks: tuple[str, ...] = ()


def whole_picture(rgb: np.ndarray) -> Cropped:
    """Give the central square of a picture ``(H, W, 3)`` uint8, reduced to 28 × 28; one colour alone is ``blank``."""
    height, width = rgb.shape[:2]
    image = np.asarray(ImageOps.fit(Image.fromarray(rgb), (SIDE, SIDE), Image.Resampling.LANCZOS))
    across, down = min(1.0, height / width) / 2, min(1.0, width / height) / 2
    kind: Kind = "blank" if (rgb == rgb[0, 0]).all() else "whole"
    return Cropped(image.transpose(2, 0, 1), (0.5 - across, 0.5 - down, 0.5 + across, 0.5 + down), kind)


def crop_digit(rgb: np.ndarray) -> Cropped:
    """Find the digit on a picture ``(H, W, 3)`` uint8 0–255, of whatever colour on whatever page.

    The background is first taken for a page in slowly changing light, then for one with the edge of a shadow on it.
    """
    if min(rgb.shape[:2]) < 4:
        return whole_picture(rgb)
    doubtful = None
    for page in (even_page, shaded_page):
        colours = without(page(rgb), rgb)
        found = _find(colours)
        if isinstance(found, tuple):
            cropped = _cropped(colours, *found)
            if _stands_free(cropped.box):
                return cropped
            doubtful = doubtful or cropped
        elif found == "blank" and not doubtful:
            return Cropped(np.zeros((3, SIDE, SIDE), dtype=np.uint8), (0.0, 0.0, 1.0, 1.0), "blank")
    return doubtful or whole_picture(rgb)


def _stands_free(box: tuple[float, float, float, float]) -> bool:
    """Say whether a digit is away from the edges of its picture, or fills it; else it may hang on that of a shadow."""
    left, top, right, bottom = box
    return (min(left, top) > 0 and max(right, bottom) < 1) or min(right - left, bottom - top) > 0.6


def _find(colours: np.ndarray) -> tuple[np.ndarray, float] | Literal["blank", "texture"]:
    """Find the ink in what differs from the background, ``(H, W, 3)``.

    Returns:
        What `_pick` gives; or ``blank``: the background is a page without ink; or ``texture``: it is no page.
    """
    blur = max(0.7, max(colours.shape[:2]) / 500)  # against a camera's noise
    strength = np.linalg.norm(ndimage.gaussian_filter(colours, (blur, blur, 0)), axis=2)
    strongest = max(8, min(40, strength.size // 50))
    peak = float(np.partition(strength, -strongest, axis=None)[-strongest:].mean())
    spread = float(np.quantile(strength[strength <= max(0.4 * peak, FAINTEST)], 0.75))
    nothing: Literal["blank", "texture"] = "blank" if spread < GRAIN else "texture"
    least = max(FAINTEST, (CLEAR / 2 if spread < GRAIN else CLEAR) * spread)
    ink, others = _pick(strength > max(0.4 * peak, 1.5 * spread, FAINTEST / 2), strength)
    if ink is None or strength[ink].mean() < least or (spread >= GRAIN and others > 0.5):
        return nothing
    return ink, others


def _cropped(colours: np.ndarray, ink: np.ndarray, others: float) -> Cropped:
    rows, columns = np.nonzero(ink.any(axis=1))[0], np.nonzero(ink.any(axis=0))[0]
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    height, width = ink.shape
    around = slice(max(0, top - 3), bottom + 3), slice(max(0, left - 3), right + 3)
    image = as_mnist(_grey(colours[around], ink[around]))
    box = (left / width, top / height, right / width, bottom / height)
    remarks = ("there is more than one shape on it: the largest is read",) if others > 0.3 else ()
    return Cropped(np.repeat(image[None], 3, axis=0), box, "digit", remarks)


def _pick(mask: np.ndarray, strength: np.ndarray) -> tuple[np.ndarray | None, float]:
    """Choose the shape that is the digit, with the parts of it that lie apart.

    Returns:
        ink: boolean, of the mask; None where there is no shape.
        others: how much ink there is in the largest shape beside it, as a share of the digit's ink.
    """
    reach = max(1, round(0.006 * max(mask.shape)))
    labels, count = ndimage.label(ndimage.binary_dilation(mask, iterations=reach), np.ones((3, 3)))
    labels[~mask] = 0
    numbers = np.arange(1, count + 1)
    sizes = ndimage.sum_labels(mask, labels, numbers)
    weights = ndimage.sum_labels(strength, labels, numbers)
    boxes = ndimage.find_objects(labels, count)
    longest = np.array([max(b[0].stop - b[0].start, b[1].stop - b[1].start) for b in boxes])
    weights[(sizes < 6) | (longest < max(6, min(SMALLEST, 0.15 * max(mask.shape))))] = 0  # dust
    weights[[_is_line(box, size, mask.shape) for box, size in zip(boxes, sizes, strict=True)]] = 0
    inside = np.where([any(_touches(box, mask.shape)) for box in boxes], 0, weights)
    if count == 0 or not weights.any():
        return None, 0.0
    # the edge of the paper, a shadow or a finger comes from outside; a digit that was cropped tightly stands alone
    usable = inside if inside.max() > 0.1 * weights.max() else weights
    best = int(usable.argmax())
    near = 0.15 * longest[best]
    parts = [i for i in range(count) if usable[i] > 0.02 * usable[best] and _gap(boxes[i], boxes[best]) <= near]
    rest = np.delete(usable, parts)
    if longest[best] < max(mask.shape) / 25 and (rest > 0.3 * usable[best]).sum() > 8:
        return None, 0.0  # crumbs
    return np.isin(labels, numbers[parts]), float(rest.max(initial=0) / usable[best])


def _touches(box: tuple[slice, slice], shape: tuple[int, ...]) -> tuple[bool, bool, bool, bool]:
    """Say whether a box touches the top, left, bottom and right edge of a picture."""
    return box[0].start == 0, box[1].start == 0, box[0].stop == shape[0], box[1].stop == shape[1]


def _is_line(box: tuple[slice, slice], size: float, shape: tuple[int, ...]) -> bool:
    """Say whether a shape goes through a picture or its corner, as the rules of paper and the edges of shadows do."""
    shares = [(one.stop - one.start) / side for one, side in zip(box, shape, strict=True)]
    is_drawn = min(shares) > 0.6 and size > 0.12 * shape[0] * shape[1]  # a digit that was cropped tightly
    return sum(_touches(box, shape)) >= 2 and not is_drawn


def _gap(one: tuple[slice, slice], other: tuple[slice, slice]) -> int:
    """Give the pixels between two boxes, along the axis on which they are further apart."""
    return max(max(a.start, b.start) - min(a.stop, b.stop) for a, b in zip(one, other, strict=True))


def _grey(colours: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """Give how much ink each pixel has, 0–1: how far it goes from the background's colour to that of the ink."""
    direction = colours[ink].mean(axis=0)
    length = np.linalg.norm(direction)
    is_one_colour = length > 0.7 * np.linalg.norm(colours[ink], axis=1).mean()
    amount = colours @ (direction / length) if is_one_colour else np.linalg.norm(colours, axis=2)
    full = float(np.quantile(amount[ink], 0.75))
    clear = 0.2 * full
    around = ndimage.binary_dilation(ink, iterations=2)
    return np.where(around, ((amount - clear) / max(full - clear, 1e-6)).clip(0, 1), 0)


def as_mnist(ink: np.ndarray) -> np.ndarray:
    """Scale a digit's ink ``(H, W)`` 0–1 to 20 pixels, its centre of mass in the centre of ``(28, 28)`` uint8 0–255."""
    rows, columns = np.nonzero(ink.any(axis=1))[0], np.nonzero(ink.any(axis=0))[0]
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    ink = _as_wide(ink, BOX / max(ink.shape))
    scale = BOX / max(ink.shape)
    size = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
    how = Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    small = np.asarray(Image.fromarray(ink.astype(np.float32)).resize(size, how)).clip(0, 1)
    top, left = np.round((3 * SIDE - 1) / 2 - np.array(ndimage.center_of_mass(small))).astype(int)
    canvas = np.zeros((3 * SIDE, 3 * SIDE))
    canvas[top : top + small.shape[0], left : left + small.shape[1]] = small
    return np.round(255 * canvas[SIDE:-SIDE, SIDE:-SIDE]).astype(np.uint8)


def _as_wide(ink: np.ndarray, scale: float) -> np.ndarray:
    """Widen strokes that would be thinner than `THINNEST` pixels after scaling."""
    depth = ndimage.distance_transform_edt(np.pad(ink > 0.5, 1))
    if not depth.any():
        return ink
    stroke = 4 * depth[depth > 0].mean() - 1  # across a bar, the distance to its edge is a quarter of its width
    radius = (THINNEST / scale - stroke) / 2
    if radius < 0.5:
        return ink
    reach = int(np.ceil(radius))
    y, x = np.ogrid[-reach : reach + 1, -reach : reach + 1]
    return ndimage.grey_dilation(np.pad(ink, reach), footprint=x**2 + y**2 <= radius**2)
