"""MCD: maximum classifier discrepancy (Saito et al., CVPR 2018, arXiv 1712.02560)."""

from typing import Annotated, Any

import torch
from pydantic import Field
from pytorch_adapt.hooks import MCDHook
from pytorch_adapt.layers import MCDLoss, MultipleModels
from torch import Tensor, nn

from mnistm_da.adaptation.algorithm import Batch
from mnistm_da.adaptation.hooked import PlainHooked
from mnistm_da.adaptation.losses.weighting import WeightedSum
from mnistm_da.parameters import AlgorithmParams, TrainingParams
from mnistm_da.searched import Searched


class MCDParams(AlgorithmParams):
    """MCD's parameters.

    Attributes:
        weight: of the discrepancy, from the first step on and for both sides: as much as the classifiers want more of
            it, the feature extractor wants less.
        repeat: steps of the feature extractor in each training step, the paper's n.
    """

    weight: Annotated[float, Searched(0.01, 100, log=True)] = Field(default=1.0, gt=0)
    repeat: int = Field(default=4, ge=1)


class MCD(PlainHooked):
    """Two classifiers learn to disagree on the target while they are right on the source; the features, to agree.

    The prediction is the mean of their logits.

    When to use:
        Where the border between classes matters more than the domains: there is no discriminator. Each step
        passes the networks several times, so it takes long.
    """

    Params = MCDParams
    params: MCDParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.second = self.architecture.label_classifier()
        self.networks["second_classifier"] = self.second
        self.classifiers = MultipleModels(self.classifier, self.second)

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        weighter = WeightedSum({"discrepancy_loss": self.params.weight})
        self.hook = MCDHook(
            g_opts=[self.optimizer(self.feature_extractor)],
            c_opts=[self.optimizer(self.classifier, self.second)],
            x_weighter=WeightedSum(),
            y_weighter=weighter,
            z_weighter=weighter,
            discrepancy_loss_fn=self.discrepancy(),
            repeat=self.params.repeat,
        )

    def context(self, batch: Batch) -> dict[str, Any]:
        return super().context(batch) | {"C": self.classifiers}

    def discrepancy(self) -> nn.Module:
        """Make what compares two classifiers' logits, ``(B, K)`` each: the mean difference of probabilities."""
        return MCDLoss()

    def classify(self, features: Tensor) -> Tensor:
        return (self.classifier(features) + self.second(features)) / 2

    def last_hidden(self, features: Tensor) -> Tensor:
        return torch.cat([one.hidden(features) for one in (self.classifier, self.second)], dim=1)
