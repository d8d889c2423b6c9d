"""Adversaries that alternate with the feature extractor instead of reversing a gradient: confusion, CDAN, VADA."""

from typing import Any

from pydantic import Field
from pytorch_adapt.hooks import CDANEHook, CDANHook, DomainConfusionHook, VADAHook
from pytorch_adapt.layers import RandomizedDotProduct, VATLoss
from torch import nn

from ..algorithm import Batch
from ..hooked import AdaptationParams, Hooked
from ..networks import CLASSES, FEATURES, DomainDiscriminator
from ..weighting import WeightedSum


class _Alternating(Hooked):
    """The discriminator's step, then that of feature extractor and classifier."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.discriminator = self._discriminator()
        self.networks["discriminator"] = self.discriminator

    def _discriminator(self) -> nn.Module:
        return DomainDiscriminator()

    def _opposed(self) -> dict[str, Any]:
        """Give the arguments that all of pytorch-adapt's alternating hooks take."""
        return {
            "d_opts": [self.optimizer(self.discriminator)],
            "g_opts": [self.optimizer(self.feature_extractor, self.classifier)],
            "d_weighter": WeightedSum(),
            "g_weighter": self.weigh("g_src_domain_loss", "g_target_domain_loss"),
        }

    def context(self, batch: Batch) -> dict[str, Any]:
        return super().context(batch) | {"D": self.discriminator}


class DomainConfusion(_Alternating):
    """Features whose domain the discriminator finds equally likely (Tzeng et al., ICCV 2015, arXiv 1510.02192)."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.hook = DomainConfusionHook(**self._opposed())

    def _discriminator(self) -> nn.Module:
        return nn.Sequential(nn.Linear(FEATURES, 100), nn.BatchNorm1d(100), nn.ReLU(), nn.Linear(100, 2))


class CDANParams(AdaptationParams):
    """CDAN's parameters.

    Attributes:
        conditioned: length of the random projection of features × predictions, the paper's d.
    """

    conditioned: int = Field(default=1024, ge=1)


class CDAN(_Alternating):
    """A discriminator of features conditioned on predictions (Long et al., NeurIPS 2018, arXiv 1705.10667)."""

    Params = CDANParams
    params: CDANParams
    Hook = CDANHook

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.networks["combiner"] = RandomizedDotProduct([FEATURES, CLASSES], self.params.conditioned)
        self.hook = self.Hook(**self._opposed())

    def _discriminator(self) -> nn.Module:
        return DomainDiscriminator(inputs=self.params.conditioned)

    def context(self, batch: Batch) -> dict[str, Any]:
        return super().context(batch) | {"feature_combiner": self.networks["combiner"]}


class CDANE(CDAN):
    """CDAN in which images with a certain prediction count more (entropy conditioning, the paper's CDAN+E)."""

    Hook = CDANEHook


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


class VADA(_Alternating):
    """Domain adversary and the cluster assumption: certain, locally smooth predictions on the target.

    Shu et al., "A DIRT-T approach to unsupervised domain adaptation", ICLR 2018, arXiv 1802.08735.
    """

    Params = VADAParams
    params: VADAParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        how = self._opposed()
        how["g_weighter"] = self.weigh(
            "g_src_domain_loss",
            "g_target_domain_loss",
            src_vat_loss=self.params.source_smoothness,
            target_vat_loss=self.params.target_weight,
            entropy_loss=self.params.target_weight,
        )
        self.hook = VADAHook(vat_loss_fn=VATLoss(epsilon=self.params.radius), **how)

    def context(self, batch: Batch) -> dict[str, Any]:
        return super().context(batch) | {"combined_model": nn.Sequential(self.feature_extractor, self.classifier)}
