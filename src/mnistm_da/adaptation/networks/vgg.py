"""A small network in the manner of VGG (Simonyan and Zisserman, ICLR 2015, arXiv 1409.1556): the strongest one here.

Shape legend: N images in a batch, C × S × S pixels, W the width.
"""

from collections import OrderedDict

from torch import nn

from mnistm_da.adaptation.networks.compact import Compact, layer
from mnistm_da.parameters import NetworkParams


class Vgg(Compact):
    """Three times two 3 × 3 convolutions and a pooling; its features are as those of `compact`.

    Two convolutions look at the image before anything is pooled, so edges of strokes are told from those of the
    photo at full resolution.
    """

    name = "vgg"

    def feature_extractor(self) -> nn.Module:
        return FeatureExtractor(self.params, self.format.channels)


class FeatureExtractor(nn.Sequential):
    """Images ``(N, C, S, S)`` float 0–1 to features ``(N, 2W·(S//8)²)``; of 28 × 28 pixels and W = 64, 1,152.

    Its maps are W/4, W/2, W, W, 2W and 2W, with 25.6 million multiplications and additions an image of 28 × 28 pixels.
    The layers are those of `compact`.

    Args:
        params: instance norm, dropout and W.
        channels: C.
    """

    def __init__(self, params: NetworkParams, channels: int) -> None:
        width = params.width
        half, quarter = max(1, width // 2), max(1, width // 4)
        super().__init__(
            OrderedDict(
                normalisation=nn.InstanceNorm2d(channels) if params.instance_norm else nn.Identity(),
                **layer(1, channels, quarter),
                **layer(2, quarter, half, pooled=True),  # of 28 × 28 pixels: 14 × 14
                **layer(3, half, width),
                **layer(4, width, width, pooled=True),  # 7 × 7
                **layer(5, width, 2 * width),
                **layer(6, 2 * width, 2 * width, pooled=True, dropout=params.dropout),  # 3 × 3
                flatten=nn.Flatten(),
            )
        )
