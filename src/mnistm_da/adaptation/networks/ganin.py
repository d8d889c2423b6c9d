"""The MNIST network of Ganin et al. (JMLR 2016, arXiv 1505.07818, figure 4a), as DANN's re-implementations use it.

Shape legend: N images in a batch, C × S × S pixels.
"""

from collections import OrderedDict

from torch import nn

from mnistm_da.adaptation.networks.base import Architecture
from mnistm_da.domains.format import Format
from mnistm_da.errors import UserError
from mnistm_da.parameters import NetworkParams

KERNEL = 5
"""Side of a convolution's kernel; nothing is padded."""

MAPS = 50
"""Of the second convolution, and so of the features."""


class Ganin(Architecture):
    """Two 5 × 5 convolutions, each with pooling and batch norm; features of 50 maps."""

    def __init__(self, params: NetworkParams, format: Format) -> None:
        super().__init__(params, format)
        first = format.side - KERNEL + 1
        second = first // 2 - KERNEL + 1
        self.sides = (first, second, second // 2)
        """Of the maps behind either convolution, and of the features' maps."""
        if second < 2:
            raise UserError(f"images of {format.side} × {format.side} pixels are too small for the network 'ganin'")
        self.features = MAPS * self.sides[-1] ** 2

    def feature_extractor(self) -> nn.Module:
        return FeatureExtractor(self.params, self.format.channels)

    def decoder(self) -> nn.Module:
        return Decoder(self.sides, self.format)


class FeatureExtractor(nn.Sequential):
    """Images ``(N, C, S, S)`` float 0–1 to features ``(N, F)``; of 28 × 28 pixels, F = 800.

    It has 64 and 50 maps, and batch norm. If instance norm is asked for, each image's channels have zero mean and
    unit variance first: it takes most of MNIST-M's colour and brightness away (as in VADA, arXiv 1802.08735). Dropout
    is of whole maps, in front of both heads: without it the discriminator wins and the domains are not aligned.

    Args:
        params: instance norm, dropout, and the maps of the first convolution.
        channels: C.
    """

    def __init__(self, params: NetworkParams, channels: int) -> None:
        super().__init__(
            OrderedDict(
                normalisation=nn.InstanceNorm2d(channels) if params.instance_norm else nn.Identity(),
                convolution1=nn.Conv2d(channels, params.width, KERNEL, bias=False),  # of 28 × 28 pixels: 24 × 24
                pooling1=nn.MaxPool2d(2),  # 12 × 12; before batch norm, which then has a quarter of the pixels to do
                norm1=nn.BatchNorm2d(params.width),
                activation1=nn.ReLU(),
                convolution2=nn.Conv2d(params.width, MAPS, KERNEL, bias=False),  # 8 × 8
                pooling2=nn.MaxPool2d(2),  # 4 × 4
                norm2=nn.BatchNorm2d(MAPS),
                dropout=nn.Dropout2d(params.dropout),
                activation2=nn.ReLU(),
                flatten=nn.Flatten(),
            )
        )


class Decoder(nn.Sequential):
    """Features ``(N, F)`` back to images ``(N, C, S, S)``: the feature extractor's mirror image.

    Args:
        sides: of its maps, see `Ganin`.
        format: of the images.
    """

    def __init__(self, sides: tuple[int, int, int], format: Format) -> None:
        first, second, last = sides
        super().__init__(
            nn.Unflatten(1, (MAPS, last, last)),
            nn.Upsample(size=second),
            nn.ConvTranspose2d(MAPS, 64, KERNEL),  # of 28 × 28 pixels: 12 × 12
            nn.BatchNorm2d(64),
            nn.ReLU(),
            nn.Upsample(size=first),
            nn.ConvTranspose2d(64, format.channels, KERNEL),
            nn.Sigmoid(),
        )
