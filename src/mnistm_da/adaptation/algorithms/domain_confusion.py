"""Domain confusion (Tzeng et al., ICCV 2015, arXiv 1510.02192)."""

from pytorch_adapt.hooks import DomainConfusionHook
from torch import nn

from mnistm_da.adaptation.hooked import Alternating
from mnistm_da.parameters import TrainingParams


class DomainConfusion(Alternating):
    """Features whose domain the discriminator finds equally likely.

    When to use:
        As `dann`, where gradient reversal does not settle: the features aim at a discriminator that is
        undecided, and not at one that is wrong.
    """

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.hook = DomainConfusionHook(**self.opposed())

    def make_discriminator(self) -> nn.Module:
        return nn.Sequential(
            nn.Linear(self.architecture.features, 100), nn.BatchNorm1d(100), nn.ReLU(), nn.Linear(100, 2)
        )
