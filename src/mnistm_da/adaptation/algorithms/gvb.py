"""GVB: gradually vanishing bridge (Cui et al., CVPR 2020, arXiv 2003.13183)."""

from typing import Annotated, Any

from pydantic import Field
from pytorch_adapt.hooks import GVBHook
from pytorch_adapt.layers import ModelWithBridge
from torch import Tensor

from mnistm_da.adaptation.algorithm import Batch
from mnistm_da.adaptation.hooked import AdaptationParams, Hooked
from mnistm_da.adaptation.networks.discriminators import DomainDiscriminator
from mnistm_da.parameters import TrainingParams
from mnistm_da.searched import Searched


class GVBParams(AdaptationParams):
    """GVB's parameters.

    Attributes:
        weight: of each domain's discrimination loss; the authors take the mean of both.
        discriminator_width: hidden units.
    """

    weight: Annotated[float, Searched(0.05, 5, log=True)] = Field(default=0.5, ge=0)
    discriminator_width: Annotated[int, Searched(64, 2048, log=True)] = Field(default=1024, ge=1)


class GVB(Hooked):
    """DANN on predictions, with bridge networks that take up the domain-specific part and gradually vanish.

    The size of the bridges, a mean over both domains, has the constant weight 1. The discriminator is without batch
    norm, which would take from a few probabilities what tells the domains apart: the mean shares of the classes, and
    how sure predictions are.

    When to use:
        As `dann`, where each domain has much that is particular to it: the bridges take that up.
    """

    Params = GVBParams
    params: GVBParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.bridged = ModelWithBridge(self.classifier, self.architecture.label_classifier())
        self.discriminator = ModelWithBridge(self._discriminator(), self._discriminator())
        self.networks["classifier_bridge"] = self.bridged.bridge
        self.networks["discriminator"] = self.discriminator

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.hook = GVBHook(
            opts=[self.optimizer(self.feature_extractor, self.bridged, self.discriminator)],
            weighter=self.weigh("src_domain_loss", "target_domain_loss"),
        )
        self.adaptation.constants = {f"{of}_{domain}_bridge_loss": 0.5 for of in "gd" for domain in ("src", "target")}

    def _discriminator(self) -> DomainDiscriminator:
        return DomainDiscriminator(self.classes, width=self.params.discriminator_width, batch_norm=False)

    def context(self, batch: Batch) -> dict[str, Any]:
        return super().context(batch) | {"C": self.bridged, "D": self.discriminator}

    def classify(self, features: Tensor) -> Tensor:
        return self.bridged(features)
