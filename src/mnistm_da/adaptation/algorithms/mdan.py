"""MDAN: adversarial adaptation of several sources at once (Zhao et al., NeurIPS 2018, arXiv 1705.09684)."""

from typing import Annotated, Any

import torch
from pydantic import Field
from pytorch_adapt.layers import GradientReversal
from torch import Tensor, nn
from torch.nn import functional as F

from mnistm_da.adaptation.algorithm import Algorithm, Batch
from mnistm_da.adaptation.losses.soft_maximum import soft_maximum
from mnistm_da.adaptation.losses.weighting import ramp
from mnistm_da.adaptation.networks.discriminators import DomainDiscriminator
from mnistm_da.adaptation.optimization.descent import descend
from mnistm_da.errors import UserError
from mnistm_da.parameters import AlgorithmParams, TrainingParams
from mnistm_da.searched import Searched

FEWEST = 2
"""Images of a source that a batch must have for it to count in a step: batch norm needs as many."""


class MDANParams(AlgorithmParams):
    """MDAN's parameters.

    Attributes:
        weight: of a source's domain loss beside its classification loss, the authors' μ; as in our `dann`.
        sharpness: γ of the soft maximum, as in the authors' code; the larger, the more the worst source alone counts.
        ramp_speed: γ of the gradient-reversal coefficient, DANN's equation (14).
        discriminator_width: hidden units of each domain discriminator.
    """

    weight: Annotated[float, Searched(0.1, 10, log=True)] = Field(default=1.0, ge=0)
    sharpness: Annotated[float, Searched(1, 100, log=True)] = Field(default=10.0, gt=0)
    ramp_speed: Annotated[float, Searched(1, 30, log=True)] = Field(default=10.0, gt=0)
    discriminator_width: int = Field(default=100, ge=1)


class MDAN(Algorithm):
    """A discriminator for each source tells it from the target; the source with the largest losses counts most.

    The loss is the paper's soft version, ``1/γ · log Σᵢ exp(γ (εᵢ + μ dᵢ))``: εᵢ is the cross-entropy on source i, and
    dᵢ that of its discriminator, whose gradient is reversed for the features. A batch is drawn from all
    sources together, so each has its share of it; a discriminator is forwarded on one source at a time, see
    `DomainDiscriminator`. With one source it is DANN.

    When to use:
        With several sources that differ from each other. `dann` on all of them together is the first thing to try.
    """

    Params = MDANParams
    params: MDANParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.sources = self.format.sources or ("source",)
        features, width = self.architecture.features, self.params.discriminator_width
        self.discriminators = nn.ModuleList(DomainDiscriminator(features, width=width) for _ in self.sources)
        self.networks["discriminators"] = self.discriminators

    def prepare(self, training: TrainingParams) -> None:
        if training.batch_size <= len(self.sources):
            raise UserError(
                f"training.batch_size is {training.batch_size}, but mdan compares {len(self.sources)} sources in each "
                "batch: raise it, to some images of each"
            )
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
        of_sources: dict[str, Tensor] = {}
        for number, (name, discriminator) in enumerate(zip(self.sources, self.discriminators, strict=True)):
            own = (domains == number).nonzero()[:, 0]
            if len(own) >= FEWEST:
                domain = self._domain_losses(discriminator, source[own], target)
                of_sources[name] = torch.stack([errors[own].mean(), *domain])
        terms = torch.stack(list(of_sources.values()))
        total, shares = soft_maximum(terms[:, 0] + self.params.weight * terms[:, 1:].sum(dim=1), self.params.sharpness)
        descend(self.updates, total)
        means = dict(zip(("classification", "source_domain", "target_domain"), terms.detach().mean(dim=0), strict=True))
        if len(self.sources) == 1:
            return means
        return means | {f"weight_{name}": share for name, share in zip(of_sources, shares, strict=True)}

    def _domain_losses(self, discriminator: nn.Module, source: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Give the cross-entropy on one source's features and on the target's; 1 is the target."""
        of_source, of_target = (discriminator(self.reversal(features)) for features in (source, target))
        return F.softplus(of_source).mean(), F.softplus(-of_target).mean()
