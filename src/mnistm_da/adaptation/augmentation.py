"""Random changes of images in training, each image by itself, whole batches at once.

They draw from torch's generator of the device. The training seeds it, and the state of a stopped training holds it.
"""

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from mnistm_da.parameters import AugmentationParams


def augment(images: Tensor, params: AugmentationParams) -> Tensor:
    """Change each image as the parameters ask for, in the order of `AugmentationParams`.

    Args:
        images: ``(N, C, S, S)`` float32 0–1.
        params: how much of what; all zero gives the images themselves.

    Returns:
        The same shape, channels last in memory; noise may take values a little outside 0–1.
    """
    if params.shift or params.affine:
        images = move(images, params.affine, params.shift)
    if params.polarity:
        inverted = _chosen(images, params.polarity)
        images = inverted + (1 - 2 * inverted) * images
    if params.channel_order:
        images = torch.where(_chosen(images, params.channel_order) > 0, _reordered(images), images)
    if params.noise:
        images = images + params.noise * torch.randn_like(images)
    if params.cutout:
        images = _cut_out(images, params.cutout)
    return images.contiguous(memory_format=torch.channels_last)


def move(images: Tensor, affine: float, shift: float) -> Tensor:
    """Shear, scale, turn and move each image; outside its border, the image is mirrored.

    Args:
        images: ``(N, C, H, W)``.
        affine: standard deviation of the noise on each entry of the identity matrix.
        shift: by at most so many pixels each way.
    """
    count, *_, height, width = images.shape
    device = images.device
    matrices = torch.eye(2, 3, device=device) + affine * torch.randn(count, 2, 3, device=device)
    pixels = shift * (2 * torch.rand(count, 2, device=device) - 1)
    matrices[:, 0, 2], matrices[:, 1, 2] = pixels[:, 0] * (2 / width), pixels[:, 1] * (2 / height)  # in half images
    grid = F.affine_grid(matrices, list(images.shape), align_corners=False)
    moved = F.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
    return moved.to(memory_format=torch.channels_last)


def views(images: Tensor, which: Literal["one", "shifted", "shifted_and_inverted"]) -> list[Tensor]:
    """Give the views of images that are classified together at test, each ``(N, C, S, S)``.

    Args:
        images: ``(N, C, S, S)`` float32 0–1.
        which: ``one``: the images; ``shifted``: they, and moved by a pixel each way, the border repeated;
            ``shifted_and_inverted``: those and the inverted images.
    """
    found = [images]
    if which != "one":
        height, width = images.shape[2:]
        padded = F.pad(images, (1, 1, 1, 1), mode="replicate")
        found += [padded[:, :, y : y + height, x : x + width] for y, x in ((0, 1), (2, 1), (1, 0), (1, 2))]
    return [*found, 1 - images] if which == "shifted_and_inverted" else found


def _chosen(images: Tensor, share: float) -> Tensor:
    """Draw 1 for a share of the images and 0 for the others, ``(N, 1, 1, 1)``."""
    return (torch.rand(len(images), 1, 1, 1, device=images.device) < share).to(images.dtype)


def _reordered(images: Tensor) -> Tensor:
    order = torch.rand(images.shape[:2], device=images.device).argsort(dim=1)
    return images.gather(1, order[:, :, None, None].expand_as(images))


def _cut_out(images: Tensor, side: int) -> Tensor:
    """Lay a square of one random colour over each image; at the border a part of it falls outside."""
    count, channels, height, width = images.shape
    device = images.device
    inside = [
        ((torch.arange(size, device=device) - torch.randint(size, (count, 1), device=device) + side // 2) // side == 0)
        for size in (height, width)
    ]
    square = inside[0][:, None, :, None] & inside[1][:, None, None, :]
    return torch.where(square, torch.rand(count, channels, 1, 1, device=device), images)
