"""AdaMatch (Berthelot et al., ICLR 2022, arXiv 2106.04732): consistency under strong augmentation, for a new domain."""

from math import cos, pi
from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from mnistm_da.adaptation.algorithm import Algorithm, Batch
from mnistm_da.adaptation.augmentation import augment
from mnistm_da.adaptation.losses.alignment import ClassShares
from mnistm_da.adaptation.networks.forward import deterministic
from mnistm_da.adaptation.optimization.descent import descend
from mnistm_da.domains.format import Format
from mnistm_da.parameters import AlgorithmParams, AugmentationParams, NetworkParams, TrainingParams
from mnistm_da.searched import Searched

WEAK = AugmentationParams(shift=2.0)
"""The weak augmentation, under which an image is labelled."""

STRONG = AugmentationParams(affine=0.12, shift=2.0, polarity=0.5, channel_order=1.0, noise=0.1, cutout=10)
"""Changes after which the network should give the same label: a digit stays recognisable."""


class AdaMatchParams(AlgorithmParams):
    """AdaMatch's parameters.

    Attributes:
        confidence: the paper's τ (0–1). A pseudo-label counts where its confidence is at least τ times the mean
            confidence on the source in this batch.
        momentum: of the moving averages of the predicted classes' shares, with which pseudo-labels are aligned.
        strong: the strong augmentation.
        average: momentum of the moving average of the weights, which is the model as in the paper; 0: the last ones.
    """

    confidence: Annotated[float, Searched(0.5, 1)] = Field(default=0.9, ge=0, le=1)
    momentum: Annotated[float, Searched(0.9, 0.999)] = Field(default=0.99, ge=0, lt=1)
    strong: AugmentationParams = STRONG
    average: float | None = Field(default=0.999, ge=0, lt=1)


class AdaMatch(Algorithm):
    """The weakly augmented view of a target image gives a pseudo-label, and its strongly augmented view learns from it.

    The source is trained on its labels. Its logits are mixed at random from two passes: batch norm over both domains,
    and over the source alone. Pseudo-labels are aligned with the classes' shares in the source predictions. Their term
    grows from 0 to its full weight in the first half. The networks have no dropout, and the model is a moving average
    of the weights, as in the paper.

    When to use:
        Where strong augmentation leaves the class as it is, and there is time for a long training.
    """

    Params = AdaMatchParams
    params: AdaMatchParams

    def __init__(self, params: AlgorithmParams, network: NetworkParams, format: Format) -> None:
        super().__init__(params, network.model_copy(update={"dropout": 0.0}), format)
        self.model = nn.Sequential(self.feature_extractor, self.classifier)

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.updates = self.optimizer(self.model)
        self.memory["source_shares"] = ClassShares(self.classes, self.params.momentum)
        self.memory["target_shares"] = ClassShares(self.classes, self.params.momentum)

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do one step on both domains; see `Algorithm.step`."""
        assert batch.target_images is not None
        source = torch.cat(self._views(batch.source_images))
        joint = self.model(torch.cat([source, *self._views(batch.target_images)]))
        of_source, weak, strong = joint.tensor_split([len(source), len(source) + len(batch.target_images)])
        with deterministic(self.model):  # the running statistics are those of both domains
            alone = self.model(source)
        share = torch.rand_like(alone)
        logits = share * of_source + (1 - share) * alone
        labels, counts = self._label(weak.detach(), logits[: len(batch.source_labels)].detach())
        classification = F.cross_entropy(logits, batch.source_labels.repeat(2))
        pseudo_label = (counts * F.cross_entropy(strong, labels, reduction="none")).mean()
        weight = (1 - cos(min(pi, 2 * pi * progress))) / 2
        descend(self.updates, classification + weight * pseudo_label)
        return {
            "classification": classification.detach(),
            "pseudo_label": pseudo_label.detach(),
            "confident_share": counts.mean(),
        }

    def _views(self, images: Tensor) -> tuple[Tensor, Tensor]:
        return augment(images, WEAK), augment(images, self.params.strong)

    def _label(self, weak: Tensor, source: Tensor) -> tuple[Tensor, Tensor]:
        """Give the labels ``(B, K)``, as probabilities, and which of them count, ``(B,)`` of 0 and 1."""
        of_source, of_target = source.softmax(dim=1), weak.softmax(dim=1)
        aligned = of_target * self.memory["source_shares"](of_source) / self.memory["target_shares"](of_target)
        labels = aligned / aligned.sum(dim=1, keepdim=True)
        least = self.params.confidence * of_source.amax(dim=1).mean()
        return labels, (labels.amax(dim=1) >= least).float()
