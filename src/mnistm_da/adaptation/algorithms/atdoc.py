"""ATDOC: pseudo-labels from each target image's neighbours (Liang et al., CVPR 2021, arXiv 2007.04171)."""

from typing import Annotated, Any

import torch
from pydantic import Field
from pytorch_adapt.layers import ConfidenceWeights, NeighborhoodAggregation
from torch import Tensor
from torch.nn import functional as F

from mnistm_da.adaptation.algorithm import Algorithm, Batch, Splits
from mnistm_da.adaptation.networks.forward import deterministic
from mnistm_da.adaptation.optimization.descent import descend
from mnistm_da.errors import UserError
from mnistm_da.parameters import AlgorithmParams, TrainingParams
from mnistm_da.searched import Searched


class ATDOCParams(AlgorithmParams):
    """ATDOC's parameters.

    Attributes:
        weight: of the pseudo-label term at the end of the training; it grows linearly from 0.
        neighbours: target images that vote on a pseudo-label, the paper's m.
    """

    weight: Annotated[float, Searched(0.02, 2, log=True)] = Field(default=0.2, ge=0)
    neighbours: Annotated[int, Searched(1, 20)] = Field(default=5, ge=1)


class ATDOC(Algorithm):
    """Cross-entropy on target pseudo-labels that the neighbours in a memory of all target images vote for.

    An image counts by how sure the vote is, relative to the others of its batch. Neighbours are near in the last hidden
    layer, which is compared and remembered without dropout.

    When to use:
        Where target images of a class lie near each other. All target images are remembered, so its memory
        grows with them.
    """

    Params = ATDOCParams
    params: ATDOCParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.hidden = self.bottleneck()

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.updates = self.optimizer(self.feature_extractor, self.classifier)
        self.confidence = ConfidenceWeights(normalizer=lambda weights: weights / weights.mean())

    def begin(self, splits: Splits) -> None:
        """Make the memory, one place per target image.

        Raises:
            UserError: more neighbours than other images.
        """
        others = len(splits.target_images) - 1
        if self.params.neighbours > others:
            asked = self.params.neighbours
            raise UserError(f"atdoc.neighbours is {asked}, but a target training image has {others} others")
        memory = _Neighbours(
            len(splits.target_images), self.classifier.bottleneck, self.classes, k=self.params.neighbours
        )
        self.memory["neighbours"] = memory.to(splits.target_images.device)

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do one step on both cross-entropies; see `Algorithm.step`."""
        assert batch.target_images is not None
        labels, votes = self._vote(batch.target_images, batch.target_index)
        classification = F.cross_entropy(self.logits(batch.source_images), batch.source_labels)
        wrong = F.cross_entropy(self.logits(batch.target_images), labels, reduction="none")
        pseudo_label = (self.confidence(votes) * wrong).mean()
        descend(self.updates, classification + self.params.weight * progress * pseudo_label)
        return {"classification": classification.detach(), "pseudo_label": pseudo_label.detach()}

    @torch.no_grad()
    def _vote(self, images: Tensor, index: Tensor | None) -> tuple[Tensor, Tensor]:
        """Give pseudo-labels ``(B,)`` and the votes for each class ``(B, K)``, then remember these images."""
        with deterministic(self.hidden):
            hidden = self.hidden(images)
            return self.memory["neighbours"](hidden, self.classifier.last(hidden), update=True, idx=index)


class _Neighbours(NeighborhoodAggregation):
    """pytorch-adapt's memory; it masks an image itself by a search over the whole memory, one image at a time."""

    def get_pseudo_labels(self, normalized_features: Tensor, idx: Tensor) -> tuple[Tensor, Tensor]:
        similarity = normalized_features @ self.feat_memory.t()
        similarity.scatter_(1, idx[:, None], -torch.inf)
        neighbours = similarity.topk(self.k, dim=1).indices
        votes = self.pred_memory[neighbours].mean(dim=1)
        return votes.argmax(dim=1), votes
