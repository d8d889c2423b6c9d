"""Random perturbations that do not change the digit, as in French et al., ICLR 2018 (arXiv 1706.05208)."""

from torch import Tensor

from mnistm_da.adaptation.augmentation import augment
from mnistm_da.parameters import AugmentationParams

DISTURBANCE = AugmentationParams(affine=0.1, shift=2.0, noise=0.1)


def disturb(images: Tensor) -> Tensor:
    """Shear, scale and turn each image a little, move it by up to 2 pixels each way, and add noise.

    The matrix of the affine map is the identity with normal noise of deviation 0.1 on each entry; the noise of pixel
    values, 0–1, has that deviation, too. Beyond its border, the image is mirrored.

    Args:
        images: ``(N, C, H, W)`` float32 0–1.

    Returns:
        The same shape, channels last in memory; noise may take values a little outside 0–1.
    """
    return augment(images, DISTURBANCE)
