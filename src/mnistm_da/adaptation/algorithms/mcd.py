"""MCD: maximum classifier discrepancy (Saito et al., CVPR 2018, arXiv 1712.02560)."""

import torch
from pydantic import Field
from pytorch_adapt.hooks import MCDHook
from pytorch_adapt.layers import MCDLoss
from torch import Tensor, nn

from mnistm_da.adaptation.hooked import AdaptationParams, TwoClassifiers
from mnistm_da.adaptation.losses.weighting import WeightedSum
from mnistm_da.parameters import TrainingParams


class MCDParams(AdaptationParams):
    """MCD's parameters.

    Attributes:
        repeat: steps of the feature extractor in each training step, the paper's n.
    """

    repeat: int = Field(default=4, ge=1)


class MCD(TwoClassifiers):
    """Two classifiers learn to disagree on the target while they are right on the source; the features, to agree.

    The prediction is the mean of their logits.

    When to use:
        Where the border between classes matters more than the domains: there is no discriminator. Each step
        passes the networks several times, so it takes long.
    """

    Params = MCDParams
    params: MCDParams

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.hook = MCDHook(
            g_opts=[self.optimizer(self.feature_extractor)],
            c_opts=[self.optimizer(self.classifier, self.second)],
            x_weighter=WeightedSum(),
            y_weighter=WeightedSum(),
            z_weighter=self.weigh("discrepancy_loss"),
            discrepancy_loss_fn=self.discrepancy(),
            repeat=self.params.repeat,
        )

    def discrepancy(self) -> nn.Module:
        """Make what compares two classifiers' logits, ``(B, K)`` each: the mean difference of probabilities."""
        return MCDLoss()

    def classify(self, features: Tensor) -> Tensor:
        return (self.classifier(features) + self.second(features)) / 2

    def last_hidden(self, features: Tensor) -> Tensor:
        return torch.cat([one.hidden(features) for one in (self.classifier, self.second)], dim=1)
