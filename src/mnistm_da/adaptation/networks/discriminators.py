"""Networks that tell the domains apart, by features or predictions."""

from torch import nn


class DomainDiscriminator(nn.Sequential):
    """Features ``(N, inputs)`` to one logit an image, ``(N,)``: the log-odds that it is from the target.

    The domains go through it one after the other. So batch norm removes the difference of their means, and the
    discriminator sees only the shape of the two distributions. Without batch norm it wins early, and its reversed
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
