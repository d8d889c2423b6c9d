"""DANN: domain-adversarial training of neural networks (Ganin et al., JMLR 2016, arXiv 1505.07818)."""

from math import exp
from typing import Any

import torch
from pydantic import Field
from pytorch_adapt.hooks import DANNHook, GradientReversalHook
from torch import Tensor

from ...parameters import Params
from ..algorithm import Algorithm, Batch
from ..networks import DomainDiscriminator
from ..weighting import WeightedSum


class DANNParams(Params):
    """DANN's parameters.

    Attributes:
        domain_weight: weight of each domain's loss beside the classification loss.
        reversal_peak: the gradient-reversal coefficient λ at the end of training.
        reversal_speed: γ of its schedule, equation (14) of the paper.
        discriminator_width: hidden units of the domain discriminator.
    """

    domain_weight: float = Field(default=1.0, ge=0)
    reversal_peak: float = Field(default=1.0, ge=0)
    reversal_speed: float = Field(default=10.0, gt=0)
    discriminator_width: int = Field(default=100, ge=1)


class DANN(Algorithm):
    """Features that classify the source and from which a discriminator cannot tell the domain.

    The discriminator learns the domain from the features; a gradient-reversal layer in front of it makes the
    feature extractor learn the opposite. The step is pytorch-adapt's ``DANNHook``, which forwards each domain
    on its own, so that batch norm sees one domain at a time.
    """

    Params = DANNParams
    params: DANNParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.discriminator = DomainDiscriminator(width=self.params.discriminator_width)
        self.networks["discriminator"] = self.discriminator
        features = ["src_imgs_features", "target_imgs_features"]
        self.reversal = GradientReversalHook(weight=0.0, apply_to=features)
        weight = self.params.domain_weight
        self.hook = DANNHook(
            opts=[self.optimizer(self.feature_extractor, self.classifier, self.discriminator)],
            gradient_reversal=self.reversal,
            weighter=WeightedSum({"src_domain_loss": weight, "target_domain_loss": weight}),
        )

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do one step on both domains; see `Algorithm.step`."""
        self.reversal.fn.update_weight(self.params.reversal_peak * reversal(progress, self.params.reversal_speed))
        images, labels = batch.source_images, batch.source_labels
        _, losses = self.hook(
            {
                "G": self.feature_extractor,
                "C": self.classifier,
                "D": self.discriminator,
                "src_imgs": images,
                "src_labels": labels,
                "src_domain": torch.zeros_like(labels),
                "target_imgs": batch.target_images,
                "target_domain": torch.ones_like(labels),
            }
        )
        return losses["total_loss"]


def reversal(progress: float, speed: float) -> float:
    """Gradient-reversal coefficient ``2 / (1 + e^(−speed · progress)) − 1``, 0 to 1: equation (14)."""
    return 2 / (1 + exp(-speed * progress)) - 1
