"""VADA: virtual adversarial domain adaptation (Shu et al., ICLR 2018, arXiv 1802.08735)."""

from typing import Annotated, Any

from pydantic import Field
from pytorch_adapt.hooks import VADAHook
from torch import Tensor, nn

from mnistm_da.adaptation.algorithm import Batch
from mnistm_da.adaptation.hooked import AdaptationParams, Alternating
from mnistm_da.adaptation.losses.virtual_adversarial import virtual_adversarial_loss
from mnistm_da.parameters import AlgorithmParams, TrainingParams
from mnistm_da.searched import Searched


class ClusterParams(AlgorithmParams):
    """Parameters of the cluster assumption on the target.

    Attributes:
        target_weight: weight of the target's entropy and virtual adversarial loss, the paper's λ_t.
        radius: Euclidean length of the virtual adversarial perturbation, in pixel values 0–1. The paper's 3.5 is for
            values −1 to 1 of 32 × 32 pixels: 3.5 / 2 · 28 / 32.
    """

    target_weight: Annotated[float, Searched(0.01, 1, log=True)] = Field(default=0.1, ge=0)
    radius: float = Field(default=1.5, gt=0)


class VADAParams(AdaptationParams, ClusterParams):
    """VADA's parameters.

    Attributes:
        weight: of the adversary, the paper's λ_d; its 0.01 is for another network.
        source_smoothness: weight of the source's virtual adversarial loss, the paper's λ_s.
    """

    weight: Annotated[float, Searched(0.01, 100, log=True)] = Field(default=1.0, ge=0)
    source_smoothness: float = Field(default=1.0, ge=0)


class VADA(Alternating):
    """Domain adversary and the cluster assumption: certain, locally smooth predictions on the target.

    When to use:
        Where accuracy counts more than time, and classes lie in clusters. The perturbations cost further passes
        in each step.
    """

    needs_exact_networks = True
    Params = VADAParams
    params: VADAParams

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        how = self.opposed(
            src_vat_loss=self.params.source_smoothness,
            target_vat_loss=self.params.target_weight,
            entropy_loss=self.params.target_weight,
        )
        self.hook = VADAHook(vat_loss_fn=self._smoothness, **how)

    def _smoothness(self, images: Tensor, _: Tensor, model: nn.Module) -> Tensor:
        return virtual_adversarial_loss(model, images, self.params.radius)

    def context(self, batch: Batch) -> dict[str, Any]:
        return super().context(batch) | {"combined_model": nn.Sequential(self.feature_extractor, self.classifier)}
