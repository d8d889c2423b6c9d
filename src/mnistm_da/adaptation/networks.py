"""The networks every algorithm is built from: feature extractor G, label classifier C, domain discriminator D.

Shape legend: N images in a batch, 800 features, 10 classes.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

FEATURES = 800
"""Length of a feature vector: 50 maps of 4 × 4."""

BOTTLENECK = 100
"""Hidden units in front of the classifier's last layer."""

CLASSES = 10


class FeatureExtractor(nn.Sequential):
    """Two 5 × 5 convolutions with batch norm: images ``(N, 3, 28, 28)`` float 0–1 to features ``(N, 800)``.

    The shape of the MNIST network of Ganin et al. (arXiv 1505.07818, figure 4a), with 64 and 50 channels and
    batch norm, as DANN's public re-implementations use it.

    Args:
        instance_norm: normalise each image's channels to zero mean and unit variance first, which takes most
            of MNIST-M's colour and brightness away (as in VADA, arXiv 1802.08735).
        dropout: share of the 50 maps dropped in training (0–1). Whole maps, in front of both heads: without
            it the discriminator wins and the domains are not aligned.
        width: maps of the first convolution.
    """

    def __init__(self, *, instance_norm: bool, dropout: float, width: int = 64) -> None:
        super().__init__(
            nn.InstanceNorm2d(3) if instance_norm else nn.Identity(),
            nn.Conv2d(3, width, kernel_size=5, bias=False),  # (N, width, 24, 24)
            nn.MaxPool2d(2),  # (N, width, 12, 12); before batch norm, which then has a quarter of the pixels to do
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, 50, kernel_size=5, bias=False),  # (N, 50, 8, 8)
            nn.MaxPool2d(2),  # (N, 50, 4, 4)
            nn.BatchNorm2d(50),
            nn.Dropout2d(dropout),
            nn.ReLU(),
            nn.Flatten(),
        )


class LabelClassifier(nn.Sequential):
    """Features ``(N, 800)`` to class logits ``(N, 10)``.

    Args:
        dropout: share of the hidden units dropped in training (0–1).
    """

    def __init__(self, *, dropout: float) -> None:
        super().__init__(
            nn.Linear(FEATURES, 100),
            nn.BatchNorm1d(100),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(100, BOTTLENECK),
            nn.BatchNorm1d(BOTTLENECK),
            nn.ReLU(),
            nn.Linear(BOTTLENECK, CLASSES),
        )


class DomainDiscriminator(nn.Sequential):
    """Features ``(N, inputs)`` to one logit an image, ``(N,)``: the log-odds that it is from the target.

    Each domain is forwarded on its own, so batch norm takes the difference of the means away and leaves the
    discriminator the shape of the two distributions; without it the discriminator wins early and its reversed
    gradient spoils the features.
    """

    def __init__(self, *, inputs: int = FEATURES, width: int = 100, batch_norm: bool = True) -> None:
        super().__init__(
            nn.Linear(inputs, width),
            nn.BatchNorm1d(width) if batch_norm else nn.Identity(),
            nn.ReLU(),
            nn.Linear(width, 1),
            nn.Flatten(0),
        )


def as_input(images: Tensor) -> Tensor:
    """Turn stored images into network input.

    Args:
        images: ``(N, 1 or 3, H, W)`` uint8 0–255.

    Returns:
        ``(N, 3, H, W)`` float32 0–1, channels last in memory, in which convolutions are faster; a grey image is
        repeated over the three channels.
    """
    rgb = images.expand(-1, 3, -1, -1)
    return rgb.to(torch.float32, memory_format=torch.channels_last).div_(255)


def parts(images: Tensor, size: int = 250) -> tuple[Tensor, ...]:
    """Cut images into parts of one size, to within one, for batch norm's statistics: a small rest would have none.

    Args:
        images: ``(N, …)``.
        size: of a part, at most.
    """
    return images.tensor_split(-(-len(images) // size))


@contextmanager
def deterministic(model: nn.Module) -> Iterator[None]:
    """Switch dropout off within, and the updates of batch norm's running statistics, but not its batch statistics."""
    dropouts = [m for m in model.modules() if isinstance(m, nn.modules.dropout._DropoutNd) and m.training]
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    momentum = [norm.momentum for norm in norms]
    for dropout in dropouts:
        dropout.eval()
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for dropout in dropouts:
            dropout.train()
        for norm, before in zip(norms, momentum, strict=True):
            norm.momentum = before
