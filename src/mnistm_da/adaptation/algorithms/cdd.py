"""CAN: contrastive adaptation network (Kang et al., CVPR 2019, arXiv 1901.00976)."""

import sys
from typing import Annotated, Any

import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from mnistm_da.adaptation.algorithm import Algorithm, Batch, Splits
from mnistm_da.adaptation.hooked import AdaptationParams
from mnistm_da.adaptation.losses.contrastive import contrastive_domain_discrepancy
from mnistm_da.adaptation.losses.weighting import ramp
from mnistm_da.adaptation.networks.forward import as_input, chunks, deterministic
from mnistm_da.adaptation.optimization.descent import descend
from mnistm_da.parameters import TrainingParams
from mnistm_da.searched import Searched


class CDDParams(AdaptationParams):
    """CAN's parameters.

    Attributes:
        weight: of the contrastive domain discrepancy: the paper's β of 0.3 times 5, since the authors' kernel is the
            sum of the Gaussians where ours is their mean.
        kept: share of each target cluster, its nearest images, that takes part (the paper's bound D₀ on the distance
            depends on the network).
        kernels: Gaussian kernels.
    """

    weight: Annotated[float, Searched(0.05, 50, log=True)] = Field(default=1.5, ge=0)
    kept: Annotated[float, Searched(0.3, 1)] = Field(default=0.8, gt=0, le=1)
    kernels: Annotated[int, Searched(1, 9)] = Field(default=5, ge=1)


class CDD(Algorithm):
    """Same classes of both domains together, different ones apart; target classes by clustering before each epoch.

    Compared are the last hidden layer and, on its own, the predictions; clustered is the former. Batch norm has
    the statistics of one domain at a time where images are clustered, too.
    Spherical k-means from the source's class centres gives the target's pseudo-labels; the first epoch is the
    source's alone. Batches are drawn at random, not by class, since 128 images hold every class of ten.

    When to use:
        Where the first predictions on the target are good enough to be clustered by class. The whole target is
        clustered before each epoch, which takes time.
    """

    Params = CDDParams
    params: CDDParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.hidden = self.bottleneck()
        self.assigned: Tensor | None = None

    def later_phase(self) -> tuple[str, float]:
        return "its contrastive discrepancy", sys.float_info.min

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.updates = self.optimizer(self.feature_extractor, self.classifier)

    def start_epoch(self, splits: Splits, progress: float) -> None:
        """Cluster the target from the second epoch on."""
        if not progress:
            return
        source, target = (self._directions(images) for images in (splits.source_images, splits.target_images))
        centres = torch.stack([source[splits.source_labels == label].mean(dim=0) for label in range(self.classes)])
        self.assigned = cluster(target, F.normalize(centres), self.params.kept)

    @torch.no_grad()
    def _directions(self, images: Tensor) -> Tensor:
        with deterministic(self.hidden):
            hidden = [self.hidden(as_input(chunk, self.format.channels)) for chunk in chunks(images)]
            return torch.cat([F.normalize(of_part) for of_part in hidden])

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do one step: cross-entropy and, once there are clusters, the discrepancy; see `Algorithm.step`."""
        source, logits = self._layers(batch.source_images)
        terms = {"classification": F.cross_entropy(logits, batch.source_labels)}
        discrepancy = logits.new_zeros(())
        if self.assigned is not None and batch.target_images is not None:
            target, target_logits = self._layers(batch.target_images)
            for of_source, of_target in ((source, target), (logits.softmax(dim=1), target_logits.softmax(dim=1))):
                discrepancy = discrepancy + contrastive_domain_discrepancy(
                    of_source,
                    batch.source_labels,
                    of_target,
                    self.assigned[batch.target_index],
                    classes=self.classes,
                    kernels=self.params.kernels,
                )
        terms["contrastive_discrepancy"] = discrepancy
        strength = self.params.weight * ramp(progress, self.params.ramp_speed)
        descend(self.updates, terms["classification"] + strength * discrepancy)
        return {name: term.detach() for name, term in terms.items()}

    def _layers(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Give the last hidden layer ``(B, D)`` and the logits ``(B, K)``."""
        hidden = self.hidden(images)
        return hidden, self.classifier.last(hidden)


def cluster(directions: Tensor, centres: Tensor, kept: float, rounds: int = 20) -> Tensor:
    """Spherical k-means: assign to the nearest centre by cosine and move the centres, until nothing changes.

    Args:
        directions: ``(N, D)`` of unit length.
        centres: ``(K, D)`` of unit length, where to start. A row of NaN is of a class without images: nothing is
            assigned to it.
        kept: share (0–1) of each cluster, nearest first, that keeps its label.
        rounds: at most.

    Returns:
        ``(N,)`` int64: the cluster, from 0 to below K, or −1 for a direction that is far from its centre.
    """
    labels = torch.full((len(directions),), -1, device=directions.device)
    for _ in range(rounds):
        before = labels
        similarity = (directions @ centres.T).nan_to_num(nan=-torch.inf)
        labels = similarity.argmax(dim=1)
        if torch.equal(labels, before):
            break
        sums = torch.zeros_like(centres).index_add_(0, labels, directions)
        centres = torch.where(sums.norm(dim=1, keepdim=True) > 0, F.normalize(sums), centres)
    nearness = similarity.gather(1, labels[:, None])[:, 0]
    for label in range(len(centres)):
        members = nearness[labels == label]
        if len(members):
            labels = torch.where((labels == label) & (nearness < members.quantile(1 - kept)), -1, labels)
    return labels
