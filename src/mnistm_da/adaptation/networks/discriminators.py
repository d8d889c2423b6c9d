"""What tells the domains apart by features, or predictions."""

import torch
from torch import Tensor, nn


class DomainDiscriminator(nn.Sequential):
    """Features ``(N, inputs)`` to one logit an image, ``(N,)``: the log-odds that it is from the target.

    Each domain is forwarded on its own, so batch norm takes the difference of the means away and leaves the
    discriminator the shape of the two distributions; without it the discriminator wins early and its reversed
    gradient spoils the features.
    """

    def __init__(self, inputs: int, *, width: int = 100, batch_norm: bool = True) -> None:
        super().__init__(
            nn.Linear(inputs, width),
            nn.BatchNorm1d(width) if batch_norm else nn.Identity(),
            nn.ReLU(),
            nn.Linear(width, 1),
            nn.Flatten(0),
        )


class DomainDiscriminators(nn.ModuleList):
    """One `DomainDiscriminator` for each source: features ``(N, inputs)`` to logits ``(N, sources)``.

    Each sees all images of a batch, so that its batch norm has enough of them.
    """

    def __init__(self, sources: int, inputs: int, width: int) -> None:
        super().__init__(DomainDiscriminator(inputs, width=width) for _ in range(sources))

    def forward(self, features: Tensor) -> Tensor:
        return torch.stack([one(features) for one in self], dim=1)
