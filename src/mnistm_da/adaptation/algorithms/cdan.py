"""CDAN: conditional domain-adversarial networks (Long et al., NeurIPS 2018, arXiv 1705.10667)."""

from typing import Any

from pydantic import Field
from pytorch_adapt.hooks import CDANEHook, CDANHook
from pytorch_adapt.layers import RandomizedDotProduct
from torch import nn

from mnistm_da.adaptation.algorithm import Batch
from mnistm_da.adaptation.hooked import AdaptationParams, Alternating
from mnistm_da.adaptation.networks.discriminators import DomainDiscriminator
from mnistm_da.parameters import TrainingParams


class CDANParams(AdaptationParams):
    """CDAN's parameters.

    Attributes:
        conditioned: length of the random projection of features × predictions, the paper's d.
    """

    conditioned: int = Field(default=1024, ge=1)


class CDAN(Alternating):
    """A discriminator of features conditioned on predictions.

    When to use:
        As `dann`, where the alignment could mix up classes: the discriminator sees the predictions, too.
    """

    Params = CDANParams
    params: CDANParams
    Hook = CDANHook

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.networks["combiner"] = RandomizedDotProduct(
            [self.architecture.features, self.classes], self.params.conditioned
        )

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.hook = self.Hook(**self.opposed())

    def make_discriminator(self) -> nn.Module:
        return DomainDiscriminator(self.params.conditioned)

    def context(self, batch: Batch) -> dict[str, Any]:
        return super().context(batch) | {"feature_combiner": self.networks["combiner"]}


class CDANE(CDAN):
    """CDAN in which images with a certain prediction count more (entropy conditioning, the paper's CDAN+E).

    When to use:
        As `cdan`, where many predictions on the target are unsure: those count less.
    """

    Hook = CDANEHook
