"""Domain confusion (Tzeng et al., ICCV 2015, arXiv 1510.02192)."""

from typing import Any

from pytorch_adapt.hooks import DomainConfusionHook
from torch import nn

from ..hooked import Alternating
from ..networks import FEATURES


class DomainConfusion(Alternating):
    """Features whose domain the discriminator finds equally likely."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.hook = DomainConfusionHook(**self.opposed())

    def make_discriminator(self) -> nn.Module:
        return nn.Sequential(nn.Linear(FEATURES, 100), nn.BatchNorm1d(100), nn.ReLU(), nn.Linear(100, 2))
