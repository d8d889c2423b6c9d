"""Moving averages of a network's weights."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel


def warming_average(model: nn.Module, momentum: float) -> AveragedModel:
    """Make the exponential moving average of a model's weights and batch-norm statistics, in evaluation mode.

    It begins as the mean of all weights so far: after n steps its momentum is ``n / (n + 9)`` at most, so that it does
    not remember the random weights of the start.

    Args:
        model: whose weights; they stay as they are.
        momentum: 0 to less than 1.
    """

    @torch.no_grad()
    def mix(averages: Sequence[Tensor], weights: Sequence[Tensor], steps: Tensor | int) -> None:
        now = min(momentum, int(steps) / (int(steps) + 9))
        for average, weight in zip(averages, weights, strict=True):
            if average.is_floating_point():
                average.lerp_(weight, 1 - now)
            else:
                average.copy_(weight)  # how many batches a batch norm has seen

    return AveragedModel(model, multi_avg_fn=mix, use_buffers=True).eval()
