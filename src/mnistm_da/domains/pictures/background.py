"""The page behind a digit: estimated where there is no ink, and subtracted."""

import numpy as np
from PIL import Image
from scipy import ndimage

SMALL = 96
"""Pixels of the longer side at which the page is estimated: light changes slowly."""

SHADED = 64
"""The same, where medians are taken, which take longer."""

STEPS = 15
"""Of the fit; after that, it changes by less than a grey level."""


def without(page: np.ndarray, rgb: np.ndarray) -> np.ndarray:
    """Subtract a page ``(h, w, 3)`` of any size from a picture ``(H, W, 3)``: near 0 where there is no ink, float32."""
    size = (rgb.shape[1], rgb.shape[0])
    large = [Image.fromarray(page[..., channel]).resize(size, Image.Resampling.BICUBIC) for channel in range(3)]
    return rgb.astype(np.float32) - np.stack([np.asarray(channel) for channel in large], axis=2)


def even_page(rgb: np.ndarray) -> np.ndarray:
    """Estimate a page ``(h, w, 3)`` in light that changes slowly: a `surface`, and the mean of what differs from it."""
    page = surface(rgb)
    return page + _local(_small(rgb, page.shape) - page)


def shaded_page(rgb: np.ndarray) -> np.ndarray:
    """Estimate a page ``(h, w, 3)`` with the edge of a shadow on it: a median keeps edges and takes strokes away."""
    page = surface(rgb, SHADED)
    away = _small(rgb, page.shape) - page
    window = round(0.25 * max(away.shape))
    return page + np.stack([ndimage.median_filter(away[..., c], window, mode="nearest") for c in range(3)], axis=2)


def _small(rgb: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return np.asarray(Image.fromarray(rgb).resize((shape[1], shape[0]), Image.Resampling.BOX), dtype=np.float32)


def surface(rgb: np.ndarray, side: int = SMALL) -> np.ndarray:
    """Fit a surface of second order to each channel, which ink, as the lesser part, does not bend.

    Weighted least squares with Cauchy's weights, repeated; pixels at the rim, where rarely a digit is, count thrice.

    Returns:
        ``(h, w, 3)`` float32, at most ``side`` pixels at the longer side.
    """
    height, width = rgb.shape[:2]
    scale = min(1.0, side / max(height, width))
    h, w = max(2, round(height * scale)), max(2, round(width * scale))
    y, x = (grid.ravel() for grid in np.meshgrid(np.linspace(-1, 1, h), np.linspace(-1, 1, w), indexing="ij"))
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
    colours = _small(rgb, (h, w)).reshape(-1, 3).astype(np.float64)
    rim = np.where(np.maximum(abs(x), abs(y)) > 0.85, 3.0, 1.0)
    is_rim = rim > 1
    fitted = np.broadcast_to(np.median(colours[is_rim], axis=0), colours.shape)
    for _ in range(STEPS):
        away = np.linalg.norm(colours - fitted, axis=1)
        unit = max(2.0, 1.5 * float(np.median(away[is_rim])))
        weight = np.sqrt(rim / (1 + (away / unit) ** 2))[:, None]
        fitted = terms @ np.linalg.lstsq(terms * weight, colours * weight, rcond=None)[0]
    return fitted.reshape(h, w, 3).astype(np.float32)


def _local(left: np.ndarray) -> np.ndarray:
    """Give what remains of the page in the residual of the surface: its mean around each pixel, ink left out."""
    away = np.linalg.norm(left, axis=2)
    unit = max(3.0, 2.5 * float(np.median(away)))
    is_ink = ndimage.binary_dilation(away > unit, iterations=2)
    reach = max(left.shape[:2]) / 8
    page = np.where(is_ink, 0.0, 1.0)
    seen = ndimage.gaussian_filter(page, reach) + 1e-3
    return np.stack([ndimage.gaussian_filter(left[..., c] * page, reach) / seen for c in range(3)], axis=2).astype(
        np.float32
    )
