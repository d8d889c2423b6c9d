"""The layers that classify features.

Shape legend: N images in a batch, F features, K classes.
"""

from collections import OrderedDict

from torch import nn


class LabelClassifier(nn.Sequential):
    """Features ``(N, F)`` to class logits ``(N, K)``: ``hidden``, and on it ``last``, a linear map.

    Args:
        features: F.
        classes: K.
        dropout: share of the hidden units dropped in training (0–1).
        width: units of both hidden layers.

    Attributes:
        bottleneck: units in front of ``last``.
    """

    hidden: nn.Sequential
    last: nn.Linear

    def __init__(self, features: int, classes: int, *, dropout: float, width: int = 100) -> None:
        hidden = nn.Sequential(
            nn.Linear(features, width),
            nn.BatchNorm1d(width),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(width, width),
            nn.BatchNorm1d(width),
            nn.ReLU(),
        )
        super().__init__(OrderedDict(hidden=hidden, last=nn.Linear(width, classes)))
        self.bottleneck = width
