"""MDAN: adversarial adaptation of several sources at once (Zhao et al., NeurIPS 2018, arXiv 1705.09684)."""

from typing import Any

import torch
from pydantic import Field
from pytorch_adapt.layers import GradientReversal
from torch import Tensor
from torch.nn import functional as F

from mnistm_da.adaptation.algorithm import Algorithm, Batch, descend
from mnistm_da.adaptation.losses.sources import mean_by_source, soft_maximum
from mnistm_da.adaptation.losses.weighting import ramp
from mnistm_da.adaptation.networks.discriminators import DomainDiscriminators
from mnistm_da.parameters import AlgorithmParams, TrainingParams


class MDANParams(AlgorithmParams):
    """MDAN's parameters.

    Attributes:
        weight: of a source's domain loss beside its classification loss, the authors' μ; as in our `dann`.
        sharpness: γ of the soft maximum, as in the authors' code; the larger, the more the worst source alone counts.
        ramp_speed: γ of the gradient-reversal coefficient, DANN's equation (14).
        discriminator_width: hidden units of each domain discriminator.
    """

    weight: float = Field(default=1.0, ge=0)
    sharpness: float = Field(default=10.0, gt=0)
    ramp_speed: float = Field(default=10.0, gt=0)
    discriminator_width: int = Field(default=100, ge=1)


class MDAN(Algorithm):
    """A discriminator for each source tells it from the target; the source with the largest losses counts most.

    The loss is the paper's soft version, ``1/γ · log Σᵢ exp(γ (εᵢ + μ dᵢ))``: εᵢ is the cross-entropy on source i, and
    dᵢ that of its discriminator, whose gradient is reversed for the features. A batch is drawn from all
    sources together, so each has its share of it. With one source it is DANN.
    """

    Params = MDANParams
    params: MDANParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.sources = self.format.sources or ("source",)
        self.discriminators = DomainDiscriminators(
            len(self.sources), self.architecture.features, self.params.discriminator_width
        )
        self.networks["discriminators"] = self.discriminators

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.updates = self.optimizer(self.feature_extractor, self.classifier, self.discriminators)
        self.reversal = GradientReversal(0.0)

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do one step on all sources; see `Algorithm.step`. A ``weight`` is a source's share of the gradient."""
        assert batch.target_images is not None
        self.reversal.update_weight(ramp(progress, self.params.ramp_speed))
        domains = torch.zeros_like(batch.source_labels) if batch.source_domains is None else batch.source_domains
        source, target = self.features(batch.source_images), self.features(batch.target_images)
        errors = F.cross_entropy(self.classify(source), batch.source_labels, reduction="none")
        of_source = self.discriminators(self.reversal(source)).gather(1, domains[:, None])[:, 0]
        of_target = self.discriminators(self.reversal(target))
        per_image = torch.stack([errors, F.softplus(of_source)])
        (classification, source_domain), is_there = mean_by_source(per_image, domains, len(self.sources))
        target_domain = F.softplus(-of_target).mean(dim=0)
        losses = classification + self.params.weight * (source_domain + target_domain)
        total, shares = soft_maximum(losses, is_there, self.params.sharpness)
        descend(self.updates, total)
        terms = {"classification": classification, "source_domain": source_domain, "target_domain": target_domain}
        weights = {f"weight_{name}": share for name, share in zip(self.sources, shares, strict=True)}
        means = {name: (loss.detach() * is_there).sum() / is_there.sum() for name, loss in terms.items()}
        return means | (weights if len(self.sources) > 1 else {})
