"""What algorithms assembled from pytorch-adapt's hooks share: all of them, and those of one shape."""

from abc import abstractmethod
from typing import Annotated, Any, ClassVar

import torch
from pydantic import Field
from pytorch_adapt.hooks import ClassifierHook
from pytorch_adapt.hooks.base import BaseHook
from torch import Tensor

from mnistm_da.adaptation.algorithm import Algorithm, Batch
from mnistm_da.adaptation.losses.weighting import WeightedSum, ramp
from mnistm_da.adaptation.networks.discriminators import DomainDiscriminator
from mnistm_da.parameters import AlgorithmParams, TrainingParams
from mnistm_da.searched import Searched


class AdaptationParams(AlgorithmParams):
    """Parameters of most adaptations.

    Attributes:
        weight: weight of the adaptation terms beside the classification loss.
        ramp_speed: γ of `ramp`, by which that weight grows from 0 to its full size in the course of training.
    """

    weight: Annotated[float, Searched(0.01, 100, log=True)] = Field(default=1.0, ge=0)
    ramp_speed: Annotated[float, Searched(1, 30, log=True)] = Field(default=10.0, gt=0)


class PlainHooked(Algorithm):
    """An algorithm whose step is one call of a pytorch-adapt hook.

    A subclass sets ``hook`` in `prepare`; pytorch-adapt forwards each domain on its own, so that batch norm sees one
    domain at a time.
    """

    hook: torch.nn.Module
    aligns_bottleneck: ClassVar[bool] = False
    """Whether its terms look at the layer in front of the last, instead of at the features."""

    def context(self, batch: Batch) -> dict[str, Any]:
        """Give what pytorch-adapt's hooks look up by name."""
        labels = batch.source_labels
        return {
            "G": self.bottleneck() if self.aligns_bottleneck else self.feature_extractor,
            "C": self.classifier.last if self.aligns_bottleneck else self.classifier,
            "src_imgs": batch.source_images,
            "src_labels": labels,
            "src_domain": torch.zeros_like(labels),
            "target_imgs": batch.target_images,
            "target_domain": torch.ones_like(labels),
        }

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do one step with the hook; see `Algorithm.step`."""
        _, losses = self.hook(self.context(batch))
        return _terms(losses)


class Hooked(PlainHooked):
    """One whose adaptation terms have a weight that grows; a subclass names them in ``adaptation``, by `weigh`."""

    Params = AdaptationParams
    params: AdaptationParams

    def weigh(self, *terms: str, **weights: float) -> WeightedSum:
        """Make the weighter of the hook: the named terms get the weight of the parameters, or their own."""
        self.adaptation = WeightedSum(dict.fromkeys(terms, self.params.weight) | weights)
        return self.adaptation

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Let the weight grow, and do one step with the hook; see `Algorithm.step`."""
        self.adaptation.strength = ramp(progress, self.params.ramp_speed)
        return super().step(batch, progress)


class Regularized(Hooked):
    """One more term beside the source's cross-entropy, without a second network; a subclass names and makes it."""

    term: str

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.hook = ClassifierHook(
            opts=[self.optimizer(self.feature_extractor, self.classifier)],
            weighter=self.weigh(self.term),
            post=[self.term_hook()],
        )

    @abstractmethod
    def term_hook(self) -> BaseHook:
        """Make the hook that computes the loss named ``term``."""


class Alternating(Hooked):
    """The discriminator's step, then that of feature extractor and classifier; a subclass makes the discriminator."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.discriminator = self.make_discriminator()
        self.networks["discriminator"] = self.discriminator

    def make_discriminator(self) -> torch.nn.Module:
        """Make the network that tells the domains apart."""
        return DomainDiscriminator(self.architecture.features)

    def opposed(self, **weights: float) -> dict[str, Any]:
        """Give the arguments that all of pytorch-adapt's alternating hooks take; ``weights`` are of further terms."""
        return {
            "d_opts": [self.optimizer(self.discriminator)],
            "g_opts": [self.optimizer(self.feature_extractor, self.classifier)],
            "d_weighter": WeightedSum(),
            "g_weighter": self.weigh("g_src_domain_loss", "g_target_domain_loss", **weights),
        }

    def context(self, batch: Batch) -> dict[str, Any]:
        return super().context(batch) | {"D": self.discriminator}


def _terms(losses: dict[str, dict[str, Tensor]]) -> dict[str, Tensor]:
    """Flatten the hook's losses; with several optimizers, a term's name begins with that of its stage."""
    if len(losses) == 1:
        return next(iter(losses.values()))
    return {
        f"{stage.removesuffix('_loss')}_{name.removeprefix(stage.removesuffix('loss'))}": loss
        for stage, terms in losses.items()
        for name, loss in terms.items()
    }
