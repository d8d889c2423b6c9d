"""Sliced Wasserstein discrepancy (Lee et al., CVPR 2019, arXiv 1903.04064) of features and of predictions."""

from typing import Any

from pytorch_adapt.hooks import AlignerPlusCHook
from pytorch_adapt.layers import SlicedWasserstein

from ..hooked import Hooked


class SlicedWassersteinDistance(Hooked):
    """Mean squared distance of the sorted projections on 128 random directions, new in every step."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.hook = AlignerPlusCHook(
            opts=[self.optimizer(self.feature_extractor, self.classifier)],
            weighter=self.weigh("features_confusion_loss", "logits_confusion_loss"),
            loss_fn=SlicedWasserstein(),
        )
