"""The exponential moving average of an algorithm's weights, which is evaluated and kept in place of the last ones."""

from contextlib import AbstractContextManager, nullcontext

from mnistm_da.adaptation.algorithm import Algorithm
from mnistm_da.adaptation.networks.averages import averaged, warming_average

NAME = "weight_average"
"""The average's name in the algorithm's memory. It is kept there when a training is stopped."""


class WeightAverage:
    """Averages the weights and batch-norm statistics of all networks; with a momentum of 0, it does nothing.

    Args:
        algorithm: prepared for training.
        momentum: 0 (off) to less than 1.
    """

    def __init__(self, algorithm: Algorithm, momentum: float) -> None:
        self.algorithm, self.momentum = algorithm, momentum
        if momentum:
            self.average = warming_average(algorithm.networks, momentum)
            algorithm.memory[NAME] = self.average

    def update(self) -> None:
        """Take in the weights of one more step."""
        if self.momentum:
            self.average.update_parameters(self.algorithm.networks)

    def in_networks(self) -> AbstractContextManager[None]:
        """Put the average into the networks within; afterwards they have the weights that are trained."""
        return averaged(self.algorithm.networks, self.average) if self.momentum else nullcontext()
