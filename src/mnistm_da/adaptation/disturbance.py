"""Random disturbances that leave a digit what it is, as in French et al., ICLR 2018 (arXiv 1706.05208)."""

import torch
from torch import Tensor
from torch.nn import functional as F

AFFINE, SHIFT, NOISE = 0.1, 2.0, 0.1


def disturb(images: Tensor) -> Tensor:
    """Shear, scale and turn each image a little, move it by up to 2 pixels each way, and add noise.

    The matrix of the affine map is the identity with normal noise of deviation 0.1 on each entry; the noise of pixel
    values, 0–1, has that deviation, too. What comes in over the border is the image mirrored.

    Args:
        images: ``(N, C, H, W)`` float32 0–1.

    Returns:
        The same shape, channels last in memory; noise may take values a little outside 0–1.
    """
    count, *_, height, width = images.shape
    device = images.device
    matrices = torch.eye(2, 3, device=device) + AFFINE * torch.randn(count, 2, 3, device=device)
    shift = SHIFT * (2 * torch.rand(count, 2, device=device) - 1)
    matrices[:, 0, 2], matrices[:, 1, 2] = (
        shift[:, 0] * (2 / width),
        shift[:, 1] * (2 / height),
    )  # in halves of the image
    grid = F.affine_grid(matrices, list(images.shape), align_corners=False)
    moved = F.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
    return moved.to(memory_format=torch.channels_last) + NOISE * torch.randn_like(moved)
