"""Self-supervised adaptation (Sun et al., 2019, arXiv 1909.11825): one task without labels, shared by both domains."""

from typing import Annotated, Any

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from mnistm_da.adaptation.algorithm import Algorithm, Batch
from mnistm_da.adaptation.optimization.descent import descend
from mnistm_da.parameters import AlgorithmParams, TrainingParams
from mnistm_da.searched import Searched

TURNS = 4
"""Ways in which `turned` shows an image."""


class RotationParams(AlgorithmParams):
    """Parameters of the self-supervised task.

    Attributes:
        weight: of its loss, both domains together, beside the classification loss.
    """

    weight: Annotated[float, Searched(0.1, 10, log=True)] = Field(default=1.0, ge=0)


class Rotation(Algorithm):
    """A second, linear head tells how an image was turned: features have to show this alike in both domains.

    When to use:
        Where images have an upright position. It is of no use where turned images look alike.
    """

    Params = RotationParams
    params: RotationParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.head = nn.Linear(self.architecture.features, TURNS)
        self.networks["turn_classifier"] = self.head

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.updates = self.optimizer(self.feature_extractor, self.classifier, self.head)

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do one step on the labels of the source and the turns of both domains; see `Algorithm.step`."""
        assert batch.target_images is not None
        classification = F.cross_entropy(self.logits(batch.source_images), batch.source_labels)
        turns = self._turns(torch.cat([batch.source_images, batch.target_images]))
        descend(self.updates, classification + self.params.weight * turns)
        return {"classification": classification.detach(), "turns": turns.detach()}

    def _turns(self, images: Tensor) -> Tensor:
        turns = torch.randint(TURNS, (len(images),), device=images.device)
        return F.cross_entropy(self.head(self.features(turned(images, turns))), turns)


def turned(images: Tensor, turns: Tensor) -> Tensor:
    """Show each image in one of the ways that tell digits apart, as the authors do for them.

    Args:
        images: ``(N, C, S, S)``.
        turns: ``(N,)``; 0: as it is, 1: transposed, 2: flipped from left to right, 3: turned by 270°.
    """
    ways = (images, images.transpose(2, 3), images.flip(3), images.rot90(3, (2, 3)))
    chosen = turns[:, None, None, None]
    found = images
    for number, way in enumerate(ways):
        found = torch.where(chosen == number, way, found)
    return found.contiguous(memory_format=torch.channels_last)
