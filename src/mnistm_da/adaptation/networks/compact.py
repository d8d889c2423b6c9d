"""A compact network of 3 × 3 convolutions, stronger than `ganin` where it is trained on labels.

Shape legend: N images in a batch, C × S × S pixels, W the width.
"""

from collections import OrderedDict

from torch import nn

from mnistm_da.adaptation.networks.base import Architecture
from mnistm_da.domains.format import Format
from mnistm_da.errors import UserError
from mnistm_da.parameters import NetworkParams

SMALLEST = 16
"""Side of the smallest images: three poolings leave 2 × 2."""


class Compact(Architecture):
    """Five 3 × 3 convolutions and three poolings; features are the last maps, flattened.

    Maps are not averaged over the image: where something is in a digit matters, and averaged features do not align.
    """

    name = "compact"
    """For messages."""

    def __init__(self, params: NetworkParams, format: Format) -> None:
        super().__init__(params, format)
        if format.side < SMALLEST:
            side = f"{format.side} × {format.side}"
            raise UserError(f"images of {side} pixels are too small for the network '{self.name}'")
        self.side = format.side // 8
        """Of the features' maps."""
        self.features = 2 * params.width * self.side**2

    def feature_extractor(self) -> nn.Module:
        return FeatureExtractor(self.params, self.format.channels)

    def decoder(self) -> nn.Module:
        return Decoder(self.params.width, self.side, self.format)


class FeatureExtractor(nn.Sequential):
    """Images ``(N, C, S, S)`` float 0–1 to features ``(N, 2W·(S//8)²)``; of 28 × 28 pixels and W = 64, 1,152.

    Its maps are W/2, W, W, 2W and 2W, with 11.0 million multiplications and additions an image of 28 × 28 pixels.
    Pooling stands before batch norm, which then has a quarter of the pixels to do. Instance norm and dropout are as in
    `ganin`.

    Args:
        params: instance norm, dropout and W.
        channels: C.
    """

    def __init__(self, params: NetworkParams, channels: int) -> None:
        width, half = params.width, max(1, params.width // 2)
        super().__init__(
            OrderedDict(
                normalisation=nn.InstanceNorm2d(channels) if params.instance_norm else nn.Identity(),
                **layer(1, channels, half, pooled=True),  # of 28 × 28 pixels: 14 × 14
                **layer(2, half, width, pooled=True),  # 7 × 7
                **layer(3, width, width),
                **layer(4, width, 2 * width, pooled=True),  # 3 × 3
                **layer(5, 2 * width, 2 * width, dropout=params.dropout),
                flatten=nn.Flatten(),
            )
        )


def layer(
    number: int, inputs: int, outputs: int, *, pooled: bool = False, dropout: float | None = None
) -> dict[str, nn.Module]:
    """Give a 3 × 3 convolution and what follows it, by names that end in its number.

    Args:
        number: from 1, of the convolution in its network.
        inputs: maps that it reads.
        outputs: maps that it makes.
        pooled: whether the larger of 2 × 2 values is taken.
        dropout: share of its maps dropped in training (0–1); None: no layer is made for it.
    """
    found: dict[str, nn.Module] = {f"convolution{number}": nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)}
    if pooled:
        found[f"pooling{number}"] = nn.MaxPool2d(2)
    found[f"norm{number}"] = nn.BatchNorm2d(outputs)
    if dropout is not None:
        found["dropout"] = nn.Dropout2d(dropout)
    return found | {f"activation{number}": nn.ReLU()}


class Decoder(nn.Sequential):
    """Features back to images ``(N, C, S, S)``: three times enlarged and convolved.

    Args:
        width: W.
        side: of the features' maps.
        format: of the images.
    """

    def __init__(self, width: int, side: int, format: Format) -> None:
        half = max(1, width // 2)
        super().__init__(
            nn.Unflatten(1, (2 * width, side, side)),
            nn.Upsample(size=format.side // 4),
            nn.Conv2d(2 * width, width, 3, padding=1),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Upsample(size=format.side // 2),
            nn.Conv2d(width, half, 3, padding=1),
            nn.BatchNorm2d(half),
            nn.ReLU(),
            nn.Upsample(size=format.side),
            nn.Conv2d(half, format.channels, 3, padding=1),
            nn.Sigmoid(),
        )
