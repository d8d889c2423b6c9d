"""GVB: gradually vanishing bridge (Cui et al., CVPR 2020, arXiv 2003.13183)."""

from typing import Any

from pytorch_adapt.hooks import GVBHook
from pytorch_adapt.layers import ModelWithBridge
from torch import Tensor

from ..algorithm import Batch
from ..hooked import Hooked
from ..networks import CLASSES, DomainDiscriminator, LabelClassifier


class GVB(Hooked):
    """DANN on predictions, in which a bridge network takes up what is particular to a domain, and vanishes."""

    def __init__(self, params: Any, network: Any, training: Any) -> None:
        super().__init__(params, network, training)
        self.bridged = ModelWithBridge(self.classifier, LabelClassifier(dropout=network.dropout))
        self.discriminator = ModelWithBridge(DomainDiscriminator(inputs=CLASSES), DomainDiscriminator(inputs=CLASSES))
        self.networks["classifier_bridge"] = self.bridged.bridge
        self.networks["discriminator"] = self.discriminator
        self.hook = GVBHook(
            opts=[self.optimizer(self.feature_extractor, self.bridged, self.discriminator)],
            weighter=self.weigh(
                "src_domain_loss",
                "target_domain_loss",
                "g_src_bridge_loss",
                "g_target_bridge_loss",
                "d_src_bridge_loss",
                "d_target_bridge_loss",
            ),
        )

    def context(self, batch: Batch) -> dict[str, Any]:
        return super().context(batch) | {"C": self.bridged, "D": self.discriminator}

    def classify(self, features: Tensor) -> Tensor:
        return self.bridged(features)
