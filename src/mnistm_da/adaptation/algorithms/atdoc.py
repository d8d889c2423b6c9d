"""ATDOC: pseudo-labels from each target image's neighbours (Liang et al., CVPR 2021, arXiv 2012.07657)."""

from typing import Any

import torch
from pydantic import Field
from pytorch_adapt.hooks import ATDOCHook, ClassifierHook
from pytorch_adapt.layers import NeighborhoodAggregation
from torch import Tensor

from ..algorithm import Splits
from ..hooked import AdaptationParams, Hooked
from ..networks import CLASSES, FEATURES


class ATDOCParams(AdaptationParams):
    """ATDOC's parameters.

    Attributes:
        weight: of the pseudo-label term.
        neighbours: target images that vote on a pseudo-label, the paper's m.
    """

    weight: float = Field(default=0.2, ge=0)
    neighbours: int = Field(default=5, ge=1)


class ATDOC(Hooked):
    """Cross-entropy on target pseudo-labels that the neighbours in a memory of all target features vote for."""

    Params = ATDOCParams
    params: ATDOCParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.optimized = self.optimizer(self.feature_extractor, self.classifier)

    def begin(self, splits: Splits) -> None:
        """Make the memory, one place per target image."""
        labelling = ATDOCHook(1, FEATURES, CLASSES)
        labelling.labeler = _Neighbours(len(splits.target_images), FEATURES, CLASSES, k=self.params.neighbours)
        self.memory["neighbours"] = labelling.labeler.to(splits.target_images.device)
        self.hook = ClassifierHook(opts=[self.optimized], weighter=self.weigh("pseudo_label_loss"), post=[labelling])


class _Neighbours(NeighborhoodAggregation):
    """pytorch-adapt's memory; it masks an image itself by a search over the whole memory, one image at a time."""

    def get_pseudo_labels(self, normalized_features: Tensor, idx: Tensor) -> tuple[Tensor, Tensor]:
        similarity = normalized_features @ self.feat_memory.t()
        similarity.scatter_(1, idx[:, None], -torch.inf)
        neighbours = similarity.topk(self.k, dim=1).indices
        votes = self.pred_memory[neighbours].mean(dim=1)
        return votes.argmax(dim=1), votes
