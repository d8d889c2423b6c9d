"""The exponential moving average of an algorithm's weights, which is evaluated and kept in place of the last ones."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel

from mnistm_da.adaptation.algorithm import Algorithm

NAME = "weight_average"
"""In the algorithm's memory, so that it is kept when a training is stopped."""


class WeightAverage:
    """Averages the weights and batch-norm statistics of all networks; with a momentum of 0, it does nothing.

    The average begins as the mean of all weights so far: after n steps its momentum is ``n / (n + 9)`` at most, so that
    it does not remember the random weights of the start.

    Args:
        algorithm: prepared for training.
        momentum: 0 (off) to less than 1.
    """

    def __init__(self, algorithm: Algorithm, momentum: float) -> None:
        self.algorithm, self.momentum = algorithm, momentum
        if momentum:
            self.average = AveragedModel(algorithm.networks, multi_avg_fn=self._mix, use_buffers=True).eval()
            algorithm.memory[NAME] = self.average

    def update(self) -> None:
        """Take in the weights of one more step."""
        if self.momentum:
            self.average.update_parameters(self.algorithm.networks)

    def _mix(self, averages: Sequence[Tensor], weights: Sequence[Tensor], steps: Tensor | int) -> None:
        momentum = min(self.momentum, int(steps) / (int(steps) + 9))
        with torch.no_grad():
            for average, weight in zip(averages, weights, strict=True):
                if average.is_floating_point():
                    average.lerp_(weight, 1 - momentum)
                else:
                    average.copy_(weight)  # how many batches a batch norm has seen

    @contextmanager
    def in_networks(self) -> Iterator[None]:
        """Put the average into the networks within; afterwards they have the weights that are trained."""
        if not self.momentum:
            yield
            return
        networks = self.algorithm.networks
        trained = {name: tensor.clone() for name, tensor in networks.state_dict().items()}
        networks.load_state_dict(self.average.module.state_dict())
        try:
            yield
        finally:
            networks.load_state_dict(trained)
