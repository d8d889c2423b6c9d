"""MME: minimax entropy for few target labels (Saito et al., ICCV 2019, arXiv 1904.06487)."""

from typing import Any

import torch
from pydantic import Field
from pytorch_adapt.layers import EntropyLoss, GradientReversal
from torch import Tensor, nn
from torch.nn import functional as F

from mnistm_da.adaptation.algorithm import Algorithm, Batch
from mnistm_da.parameters import AlgorithmParams, TrainingParams


class MMEParams(AlgorithmParams):
    """MME's parameters.

    Attributes:
        weight: of the entropy of unlabelled target predictions, the paper's λ.
        temperature: divides the similarities to the class prototypes, the paper's T.
    """

    weight: float = Field(default=0.1, ge=0)
    temperature: float = Field(default=0.05, gt=0)


class Prototypes(nn.Linear):
    """Product of unit features ``(N, F)`` with a prototype of each class, over a temperature: ``(N, K)``.

    Prototypes are not of unit length, as in the authors' code.
    """

    def __init__(self, features: int, classes: int, temperature: float) -> None:
        super().__init__(features, classes, bias=False)
        self.temperature = temperature

    def forward(self, features: Tensor) -> Tensor:
        # In float32 always: over so small a temperature, the rounding of a similarity would be large.
        with torch.autocast(features.device.type, enabled=False):
            return super().forward(F.normalize(features.float())) / self.temperature


class MME(Algorithm):
    """The prototypes move towards the unlabelled target (most entropy), the features to the prototypes (least).

    When to use:
        Where a few target images of each class have labels; it cannot do without.
    """

    Params = MMEParams
    params: MMEParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.classifier = Prototypes(self.architecture.features, self.classes, self.params.temperature)  # type: ignore[assignment]
        self.networks["classifier"] = self.classifier

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.updates = self.optimizer(self.feature_extractor, self.classifier)
        self.reversal = GradientReversal(1.0)
        self.entropy = EntropyLoss()

    def last_hidden(self, features: Tensor) -> Tensor:
        """Give the features themselves: the prototypes have no hidden layer."""
        return features

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do one step on source labels and target entropy; see `Algorithm.step`."""
        assert batch.target_images is not None
        classification = F.cross_entropy(self.logits(batch.source_images), batch.source_labels)
        entropy = self.entropy(self.classifier(self.reversal(self.features(batch.target_images))))
        self.updates.zero_grad()
        (classification - self.params.weight * entropy).backward()
        torch.nn.utils.clip_grad_norm_(self.classifier.parameters(), 10.0)  # similarities over T = 0.05 are steep
        self.updates.step()
        return {"classification": classification.detach(), "target_entropy": entropy.detach()}
