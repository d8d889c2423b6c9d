"""Deep CORAL: correlation alignment (Sun and Saenko, ECCV 2016 workshops, arXiv 1607.01719)."""

from typing import Any

from pydantic import Field
from pytorch_adapt.hooks import AlignerPlusCHook
from pytorch_adapt.layers import CORALLoss

from ..hooked import AdaptationParams, Hooked


class CORALParams(AdaptationParams):
    """CORAL's parameters.

    Attributes:
        weight: of the alignment. The paper's normalisation, 1/(4d²) with d = 800, makes the loss some thousand times
            smaller than the classification loss, and asks for a weight at which both end alike.
    """

    weight: float = Field(default=1000.0, ge=0)


class CORAL(Hooked):
    """Equal covariances of the domains' features, and of their predictions: ``‖C_S − C_T‖²_F / (4d²)``."""

    Params = CORALParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.hook = AlignerPlusCHook(
            opts=[self.optimizer(self.feature_extractor, self.classifier)],
            weighter=self.weigh("features_confusion_loss", logits_confusion_loss=1.0),
            loss_fn=CORALLoss(),
            softmax=False,
        )
