"""GVB: gradually vanishing bridge (Cui et al., CVPR 2020, arXiv 2003.13183)."""

from typing import Annotated, Any, NamedTuple

import torch
from pydantic import Field
from pytorch_adapt.layers import GradientReversal
from torch import Tensor, nn
from torch.nn import functional as F

from mnistm_da.adaptation.algorithm import Algorithm, Batch
from mnistm_da.adaptation.hooked import AdaptationParams
from mnistm_da.adaptation.losses.weighting import ramp
from mnistm_da.adaptation.networks.discriminators import BridgedDiscriminator
from mnistm_da.adaptation.optimization.descent import descend
from mnistm_da.parameters import TrainingParams
from mnistm_da.searched import Searched


class GVBParams(AdaptationParams):
    """GVB's parameters.

    Attributes:
        weight: of each domain's discrimination loss, not ramped; the authors take the mean of both.
        ramp_speed: γ of the gradient-reversal coefficient, which grows from 0 to 1 by `ramp`.
        discriminator_width: units of both hidden layers.
    """

    weight: Annotated[float, Searched(0.05, 5, log=True)] = Field(default=0.5, ge=0)
    discriminator_width: Annotated[int, Searched(64, 2048, log=True)] = Field(default=1024, ge=1)


class OfDomain(NamedTuple):
    """What a step computes of one domain; all but the logits ``(B, K)`` are losses."""

    logits: Tensor
    discrimination: Tensor
    classifier_bridge: Tensor
    discriminator_bridge: Tensor


class GVB(Algorithm):
    """DANN on predictions, with bridges that take up the domain-specific part and gradually vanish.

    A bridge is a second last layer, of the classifier and of the discriminator, whose output is taken away from that
    of the first. The size of the bridges, a mean over both domains, has the constant weight 1. Images with sure
    predictions count more for the discriminator.

    When to use:
        As `dann`, where each domain has much that is particular to it: the bridges take that up.
    """

    Params = GVBParams
    params: GVBParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.bridge = nn.Linear(self.classifier.bottleneck, self.classes)
        self.discriminator = BridgedDiscriminator(self.classes, self.params.discriminator_width)
        self.networks["classifier_bridge"] = self.bridge
        self.networks["discriminator"] = self.discriminator

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.updates = self.optimizer(*self.networks.values())
        self.reversal = GradientReversal(0.0)

    def classify(self, features: Tensor) -> Tensor:
        return self._bridged(features)[0]

    def _bridged(self, features: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.classifier.hidden(features)
        bridge = self.bridge(hidden)
        return self.classifier.last(hidden) - bridge, bridge

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do one step: the reversal grows, the discriminator learns at full strength; see `Algorithm.step`."""
        assert batch.target_images is not None
        self.reversal.update_weight(ramp(progress, self.params.ramp_speed))
        source, target = self._look(batch.source_images, 0.0), self._look(batch.target_images, 1.0)
        classification = F.cross_entropy(source.logits, batch.source_labels)
        discrimination = source.discrimination + target.discrimination
        terms = {
            "classifier_bridge": (source.classifier_bridge + target.classifier_bridge) / 2,
            "discriminator_bridge": (source.discriminator_bridge + target.discriminator_bridge) / 2,
        }
        descend(self.updates, classification + self.params.weight * discrimination + sum(terms.values()))
        terms |= {"classification": classification, "domain": discrimination / 2}
        return {name: term.detach() for name, term in terms.items()}

    def _look(self, images: Tensor, domain: float) -> OfDomain:
        logits, bridge = self._bridged(self.features(images))
        probabilities = logits.softmax(dim=1)
        told, of_discriminator = self.discriminator(self.reversal(probabilities))
        entropy = self.reversal(-(probabilities * logits.log_softmax(dim=1)).sum(dim=1))
        sureness = torch.exp(-entropy)
        losses = F.binary_cross_entropy_with_logits(told, torch.full_like(told, domain), reduction="none")
        discrimination = (sureness / sureness.sum().detach() * losses).sum()
        return OfDomain(logits, discrimination, bridge.abs().mean(), of_discriminator.abs().mean())
