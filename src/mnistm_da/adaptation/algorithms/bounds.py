"""The two bounds of every comparison: trained without the target, and trained on its labels."""

from torch import Tensor
from torch.nn import functional as F

from mnistm_da.adaptation.algorithm import Algorithm, Batch
from mnistm_da.adaptation.optimization.descent import descend
from mnistm_da.parameters import TrainingParams


class SourceOnly(Algorithm):
    """Cross-entropy on the labelled source images; the target is never seen. The lower bound.

    When to use:
        To know the gain of an adaptation: this is the target accuracy of training on the source alone.
    """

    reads_target = False

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.updates = self.optimizer(self.feature_extractor, self.classifier)

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do one step on the source images; see `Algorithm.step`."""
        return self._fit(batch.source_images, batch.source_labels)

    def _fit(self, images: Tensor, labels: Tensor) -> dict[str, Tensor]:
        return {"classification": descend(self.updates, F.cross_entropy(self.logits(images), labels))}


class TargetOnly(SourceOnly):
    """Cross-entropy on the target training images with their labels. The upper bound, not an adaptation.

    When to use:
        To know how much there is to gain. It needs the label of every target training image.
    """

    reads_target = True

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do one step on the labelled target images; see `Algorithm.step`."""
        if batch.target_images is None or batch.target_labels is None:
            raise ValueError("target_only is trained on target labels, but the batch has none")
        return self._fit(batch.target_images, batch.target_labels)
