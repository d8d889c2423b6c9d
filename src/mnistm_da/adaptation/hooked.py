"""The part of the contract that all algorithms assembled from pytorch-adapt's hooks share."""

from typing import Any

import torch
from pydantic import Field
from torch import Tensor

from ..parameters import Params
from .algorithm import Algorithm, Batch
from .weighting import WeightedSum, ramp


class AdaptationParams(Params):
    """Parameters of most adaptations.

    Attributes:
        weight: weight of the adaptation terms beside the classification loss.
        ramp_speed: γ of `ramp`, by which that weight grows from 0 to its full size in the course of training.
    """

    weight: float = Field(default=1.0, ge=0)
    ramp_speed: float = Field(default=10.0, gt=0)


class Hooked(Algorithm):
    """An algorithm whose step is one call of a pytorch-adapt hook.

    A subclass sets ``hook`` in its constructor and names the adaptation terms in ``adaptation`` (a weighter for
    its hook); pytorch-adapt forwards each domain on its own, so that batch norm sees one domain at a time.
    """

    Params = AdaptationParams
    params: AdaptationParams
    hook: torch.nn.Module

    def weigh(self, *terms: str, **weights: float) -> WeightedSum:
        """Make the weighter of the hook: the named terms get the weight of the parameters, or their own."""
        self.adaptation = WeightedSum(dict.fromkeys(terms, self.params.weight) | weights)
        return self.adaptation

    def context(self, batch: Batch) -> dict[str, Any]:
        """Give what pytorch-adapt's hooks look up by name."""
        labels = batch.source_labels
        return {
            "G": self.feature_extractor,
            "C": self.classifier,
            "src_imgs": batch.source_images,
            "src_labels": labels,
            "src_domain": torch.zeros_like(labels),
            "target_imgs": batch.target_images,
            "target_domain": torch.ones_like(labels),
            "target_sample_idx": batch.target_index,
        }

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do one step with the hook; see `Algorithm.step`."""
        self.adaptation.strength = ramp(progress, self.params.ramp_speed)
        _, losses = self.hook(self.context(batch))
        return _terms(losses)


def _terms(losses: dict[str, dict[str, Tensor]]) -> dict[str, Tensor]:
    """Flatten the hook's losses; with several optimizers, a term is prefixed with the name of its own."""
    if len(losses) == 1:
        return next(iter(losses.values()))
    return {
        f"{stage.removesuffix('_loss')}_{name.removeprefix(stage.removesuffix('loss'))}": loss
        for stage, terms in losses.items()
        for name, loss in terms.items()
    }
