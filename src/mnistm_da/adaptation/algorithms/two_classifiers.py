"""Two classifiers on one feature extractor: MCD and SymNets."""

from typing import Any

from pydantic import Field
from pytorch_adapt.hooks import MCDHook, SymNetsHook
from pytorch_adapt.layers import MultipleModels
from torch import Tensor

from ...parameters import Params
from ..algorithm import Batch
from ..hooked import AdaptationParams, Hooked
from ..networks import LabelClassifier
from ..weighting import WeightedSum


class _TwoClassifiers(Hooked):
    def __init__(self, params: Params, network: Any, training: Any) -> None:
        super().__init__(params, network, training)
        self.second = LabelClassifier(dropout=network.dropout)
        self.networks["second_classifier"] = self.second
        self.classifiers = MultipleModels(self.classifier, self.second)

    def context(self, batch: Batch) -> dict[str, Any]:
        return super().context(batch) | {"C": self.classifiers}


class MCDParams(AdaptationParams):
    """MCD's parameters.

    Attributes:
        repeat: steps of the feature extractor in each training step, the paper's n.
    """

    repeat: int = Field(default=4, ge=1)


class MCD(_TwoClassifiers):
    """Maximum classifier discrepancy (Saito et al., CVPR 2018, arXiv 1712.02560).

    Two classifiers learn to disagree on the target while they are right on the source; the feature extractor
    learns features on which they agree. The prediction is the mean of their logits.
    """

    Params = MCDParams
    params: MCDParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.hook = MCDHook(
            g_opts=[self.optimizer(self.feature_extractor)],
            c_opts=[self.optimizer(self.classifier, self.second)],
            x_weighter=WeightedSum(),
            y_weighter=WeightedSum(),
            z_weighter=self.weigh("discrepancy_loss"),
            repeat=self.params.repeat,
        )

    def classify(self, features: Tensor) -> Tensor:
        return (self.classifier(features) + self.second(features)) / 2


class SymNets(_TwoClassifiers):
    """Domain-symmetric networks (Zhang et al., CVPR 2019, arXiv 1904.04663).

    A source and a target classifier, whose joint output over 2 × 10 classes is also the discriminator. The
    prediction is the target classifier's.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.hook = SymNetsHook(
            c_opts=[self.optimizer(self.classifier, self.second)],
            g_opts=[self.optimizer(self.feature_extractor)],
            c_weighter=WeightedSum(),
            g_weighter=self.weigh(
                "symnets_entropy_loss",
                "g_symnets_target_domain_loss_0",
                "g_symnets_target_domain_loss_1",
            ),
        )

    def classify(self, features: Tensor) -> Tensor:
        return self.second(features)
