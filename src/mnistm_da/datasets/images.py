"""Arrays of images that kedro-viz shows as a picture."""

import base64
import io

import numpy as np

from mnistm_da.kedro_private import ImagePreview

from .tensors import TensorsDataset

COLUMNS, ROWS = 9, 6
"""Of the first images in a preview: the shape that kedro-viz shows without cutting."""


class ImagesDataset(TensorsDataset):
    """Named arrays, of which at least one, ``images`` or ``*_images``, holds images ``(N, 1 or 3, H, W)`` uint8."""

    def preview(self) -> ImagePreview:
        """Show the first images."""
        from PIL import Image

        arrays = self._read()
        images = [arrays[name] for name in sorted(arrays, reverse=True) if name.endswith("images")]
        picture = Image.fromarray(np.concatenate([_mosaic(of, ROWS // len(images)) for of in images]))
        png = io.BytesIO()
        picture.resize((2 * picture.width, 2 * picture.height), Image.Resampling.NEAREST).save(png, "PNG")
        return ImagePreview(base64.b64encode(png.getvalue()).decode())


def _mosaic(images: np.ndarray, rows: int) -> np.ndarray:
    """Give ``(rows · H, COLUMNS · W, 3)`` uint8, black where there is no image."""
    shown = images[: rows * COLUMNS]
    height, width = images.shape[2:]
    mosaic = np.zeros((rows * COLUMNS, height, width, 3), dtype=np.uint8)
    mosaic[: len(shown)] = shown.transpose(0, 2, 3, 1)
    return mosaic.reshape(rows, COLUMNS, height, width, 3).transpose(0, 2, 1, 3, 4).reshape(-1, COLUMNS * width, 3)
