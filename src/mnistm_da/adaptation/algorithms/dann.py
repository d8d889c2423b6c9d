"""DANN: domain-adversarial training of neural networks (Ganin et al., JMLR 2016, arXiv 1505.07818)."""

from typing import Annotated, Any

from pydantic import Field
from pytorch_adapt.hooks import DANNHook, GradientReversalHook
from torch import Tensor

from mnistm_da.adaptation.algorithm import Batch
from mnistm_da.adaptation.hooked import AdaptationParams, Hooked
from mnistm_da.adaptation.losses.weighting import ramp
from mnistm_da.adaptation.networks.discriminators import DomainDiscriminator
from mnistm_da.parameters import TrainingParams
from mnistm_da.searched import Searched


class DANNParams(AdaptationParams):
    """DANN's parameters.

    Attributes:
        weight: weight of each domain's loss beside the classification loss; not ramped.
        ramp_speed: γ of the gradient-reversal coefficient λ, equation (14) of the paper.
        reversal_peak: λ at the end of training.
        discriminator_width: hidden units of the domain discriminator.
    """

    reversal_peak: Annotated[float, Searched(0.1, 10, log=True)] = Field(default=1.0, ge=0)
    discriminator_width: int = Field(default=100, ge=1)


class DANN(Hooked):
    """Features that classify the source and from which a discriminator cannot tell the domain.

    The discriminator learns the domain from the features; a gradient-reversal layer in front of it makes the
    feature extractor learn the opposite.

    When to use:
        First: it is the algorithm that most others are compared with, and adds one small network. If classes of
        the target end on the wrong class, try `cdan` or `mcd`.
    """

    Params = DANNParams
    params: DANNParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.discriminator = DomainDiscriminator(self.architecture.features, width=self.params.discriminator_width)
        self.networks["discriminator"] = self.discriminator

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        features = ["src_imgs_features", "target_imgs_features"]
        self.reversal = GradientReversalHook(weight=0.0, apply_to=features)
        self.hook = DANNHook(
            opts=[self.optimizer(self.feature_extractor, self.classifier, self.discriminator)],
            gradient_reversal=self.reversal,
            weighter=self.weigh("src_domain_loss", "target_domain_loss"),
        )

    def context(self, batch: Batch) -> dict[str, Any]:
        return super().context(batch) | {"D": self.discriminator}

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do one step: the reversal grows, the discriminator learns at full strength; see `Algorithm.step`."""
        self.reversal.fn.update_weight(self.params.reversal_peak * ramp(progress, self.params.ramp_speed))
        _, losses = self.hook(self.context(batch))
        return losses["total_loss"]
