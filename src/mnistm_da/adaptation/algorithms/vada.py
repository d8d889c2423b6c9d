"""VADA: virtual adversarial domain adaptation (Shu et al., ICLR 2018, arXiv 1802.08735)."""

from typing import Any

from pydantic import Field
from pytorch_adapt.hooks import VADAHook
from pytorch_adapt.layers import VATLoss
from torch import nn

from ..algorithm import Batch
from ..hooked import AdaptationParams, Alternating


class VADAParams(AdaptationParams):
    """VADA's parameters.

    Attributes:
        weight: of the adversary, the paper's λ_d; its 0.01 is for a network of its own.
        source_smoothness: weight of the source's virtual adversarial loss, the paper's λ_s.
        target_weight: weight of the target's entropy and virtual adversarial loss, the paper's λ_t.
        radius: length of the virtual adversarial perturbation, in pixel values 0–1.
    """

    weight: float = Field(default=1.0, ge=0)
    source_smoothness: float = Field(default=1.0, ge=0)
    target_weight: float = Field(default=0.1, ge=0)
    radius: float = Field(default=3.5, gt=0)


class VADA(Alternating):
    """Domain adversary and the cluster assumption: certain, locally smooth predictions on the target."""

    Params = VADAParams
    params: VADAParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        how = self.opposed(
            src_vat_loss=self.params.source_smoothness,
            target_vat_loss=self.params.target_weight,
            entropy_loss=self.params.target_weight,
        )
        self.hook = VADAHook(vat_loss_fn=VATLoss(epsilon=self.params.radius), **how)

    def context(self, batch: Batch) -> dict[str, Any]:
        return super().context(batch) | {"combined_model": nn.Sequential(self.feature_extractor, self.classifier)}
