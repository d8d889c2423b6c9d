"""DRCN: deep reconstruction-classification network (Ghifary et al., ECCV 2016, arXiv 1607.03516)."""

from typing import Annotated, Any

import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from mnistm_da.adaptation.algorithm import Algorithm, Batch
from mnistm_da.adaptation.optimization.descent import descend
from mnistm_da.parameters import AlgorithmParams, TrainingParams
from mnistm_da.searched import Searched


class DRCNParams(AlgorithmParams):
    """DRCN's parameters.

    Attributes:
        weight: of the target's mean squared reconstruction error, pixel values 0–1.
        noise: standard deviation of the normal noise that is added to the images before they are reconstructed.
    """

    weight: Annotated[float, Searched(0.05, 500, log=True)] = Field(default=5.0, ge=0)
    noise: Annotated[float, Searched(0, 0.5)] = Field(default=0.1, ge=0)


class DRCN(Algorithm):
    """One encoder that classifies the source and from whose features the target can be drawn again.

    When to use:
        Where the target's images show little besides the things to classify. No term of its loss brings the domains
        together.
    """

    Params = DRCNParams
    params: DRCNParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.decoder = self.architecture.decoder()
        self.networks["decoder"] = self.decoder

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.updates = self.optimizer(self.feature_extractor, self.classifier, self.decoder)

    def translate(self, images: Tensor) -> Tensor:
        """Draw images again from their features."""
        return self.decoder(self.features(images))

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do one step on both losses; see `Algorithm.step`."""
        assert batch.target_images is not None
        noisy = batch.target_images + self.params.noise * torch.randn_like(batch.target_images)
        classification = F.cross_entropy(self.logits(batch.source_images), batch.source_labels)
        reconstruction = F.mse_loss(self.translate(noisy), batch.target_images)
        descend(self.updates, classification + self.params.weight * reconstruction)
        return {"classification": classification.detach(), "reconstruction": reconstruction.detach()}
