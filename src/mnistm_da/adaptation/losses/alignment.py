"""Distribution alignment (Berthelot et al., ICLR 2020, arXiv 1911.09785): shares of the classes in the predictions."""

import torch
from torch import Tensor, nn

LEAST = 1e-6
"""No share is less. Else a class that the target lacks would be the label of images that look a little like it."""


class ClassShares(nn.Module):
    """The moving average of the mean probability of each class. It begins with equal shares.

    Args:
        classes: how many.
        momentum: of the average (0–1).
    """

    average: Tensor

    def __init__(self, classes: int, momentum: float) -> None:
        super().__init__()
        self.momentum = momentum
        self.register_buffer("average", torch.full((classes,), 1 / classes))

    @torch.no_grad()
    def forward(self, probabilities: Tensor) -> Tensor:
        """Take in a batch ``(N, K)`` and give the average, ``(K,)``, nowhere less than `LEAST`."""
        self.average.lerp_(probabilities.mean(dim=0), 1 - self.momentum)
        return self.average.clamp(min=LEAST)
