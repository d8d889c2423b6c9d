"""Moving averages of a network's weights."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


def moving_average(model: nn.Module, momentum: float) -> AveragedModel:
    """Make the exponential moving average of a model's weights and batch-norm statistics, in evaluation mode.

    Args:
        model: whose weights are averaged; they stay as they are.
        momentum: 0 to less than 1.
    """
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(momentum), use_buffers=True)
    return average.eval()


def warming_average(model: nn.Module, momentum: float) -> AveragedModel:
    """Make such an average whose momentum grows in the first steps.

    After n steps its momentum is at most ``n / (n + 9)``. So it soon forgets the random initial weights.

    Args:
        model: whose weights are averaged; they stay as they are.
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


@contextmanager
def averaged(model: nn.Module, average: AveragedModel) -> Iterator[None]:
    """Put the average into the model within; afterwards it has the weights that are trained."""
    trained = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    model.load_state_dict(average.module.state_dict())
    try:
        yield
    finally:
        model.load_state_dict(trained)
