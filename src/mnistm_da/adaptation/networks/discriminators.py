"""Networks that tell the domains apart, by features or predictions."""

from torch import Tensor, nn


class DomainDiscriminator(nn.Sequential):
    """Features ``(N, inputs)`` to one logit an image, ``(N,)``: the log-odds that it is from the target.

    The domains go through it one after the other. So batch norm removes the difference of their means, and the
    discriminator sees only the shape of the two distributions. Without batch norm it wins early, and its reversed
    gradient spoils the features.
    """

    def __init__(self, inputs: int, *, width: int = 100) -> None:
        super().__init__(
            nn.Linear(inputs, width),
            nn.BatchNorm1d(width),
            nn.ReLU(),
            nn.Linear(width, 1),
            nn.Flatten(0),
        )


class BridgedDiscriminator(nn.Module):
    """Class probabilities ``(N, classes)`` to the log-odds of the target and the bridge in it, each ``(N,)``.

    It is without batch norm, which would take from a few probabilities what tells the domains apart: the mean shares of
    the classes, and how sure predictions are. Layers and dropout are those of GVB's authors (arXiv 2003.13183).

    Args:
        classes: how many there are.
        width: units of both hidden layers.
    """

    def __init__(self, classes: int, width: int) -> None:
        super().__init__()
        self.hidden = nn.Sequential(
            nn.Linear(classes, width),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(width, width),
            nn.ReLU(),
            nn.Dropout(0.5),
        )
        self.last, self.bridge = nn.Linear(width, 1), nn.Linear(width, 1)

    def forward(self, probabilities: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.hidden(probabilities)
        bridge = self.bridge(hidden).squeeze(1)
        return self.last(hidden).squeeze(1) - bridge, bridge
