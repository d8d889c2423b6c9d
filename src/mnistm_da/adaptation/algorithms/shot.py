"""SHOT: source hypothesis transfer (Liang et al., ICML 2020, arXiv 2002.08546)."""

from typing import Annotated, Any

import torch
from pydantic import Field
from pytorch_adapt.layers import DiversityLoss, EntropyLoss
from torch import Tensor
from torch.nn import functional as F

from mnistm_da.adaptation.algorithm import Algorithm, Batch, Splits
from mnistm_da.adaptation.networks.forward import as_input, chunks
from mnistm_da.adaptation.optimization.descent import descend
from mnistm_da.parameters import AlgorithmParams, TrainingParams
from mnistm_da.searched import Searched


class SHOTParams(AlgorithmParams):
    """SHOT's parameters.

    Attributes:
        weight: of the pseudo-label term beside information maximisation: the paper's β, for digits.
    """

    weight: Annotated[float, Searched(0.01, 1, log=True)] = Field(default=0.1, ge=0)


class SHOT(Algorithm):
    """The last layer of a trained model is frozen, and all before it is fitted to the target; the source is not read.

    Target predictions become sure and diverse: information maximisation, equations 2 and 3 of the paper. A
    cross-entropy on pseudo-labels of the nearest centroids is added; they are made anew before every epoch. The paper
    trains the source model with smoothed labels and a normalised last layer; here it is `source_only`'s.

    When to use:
        Where the source images may not be read any more, and the trained model is right on much of the target
        already.
    """

    Params = SHOTParams
    params: SHOTParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.encoder = self.bottleneck()
        self.entropy, self.diversity = EntropyLoss(), DiversityLoss()

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.classifier.last.requires_grad_(False)
        self.updates = self.optimizer(self.encoder)

    @torch.no_grad()
    def start_epoch(self, splits: Splits, progress: float) -> None:
        """Label the whole target training split, as the networks classify in use."""
        self.networks.eval()
        images = (as_input(part, self.format.channels) for part in chunks(splits.target_images))
        hidden = torch.cat([self.encoder(part) for part in images])
        self.labels = centroid_labels(hidden, self.classifier.last(hidden))
        self.networks.train()

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do one step on information maximisation and pseudo-labels; see `Algorithm.step`."""
        assert batch.target_images is not None
        logits = self.logits(batch.target_images)
        terms = {
            "entropy": self.entropy(logits),
            "diversity": self.diversity(logits),
            "pseudo_label": F.cross_entropy(logits, self.labels[batch.target_index]),
        }
        descend(self.updates, terms["entropy"] + terms["diversity"] + self.params.weight * terms["pseudo_label"])
        return {name: term.detach() for name, term in terms.items()}


def centroid_labels(hidden: Tensor, logits: Tensor) -> Tensor:
    """Give each image the class of the nearest centroid, equations 4 to 6 of the paper.

    The first centroids are means weighted by the predictions; the second ones are those of the images that are nearest
    to each first one. Near means a small angle. As in the authors' code, a constant 1 is appended to the hidden units,
    and each vector is brought to length 1. Since hidden units are not negative, the centroid of a class without images,
    0, is nearest to none.

    Args:
        hidden: ``(N, H)``, not negative.
        logits: ``(N, K)``.

    Returns:
        ``(N,)`` int64, from 0 to below K.
    """
    vectors = F.normalize(torch.cat([hidden, torch.ones_like(hidden[:, :1])], dim=1))
    shares = logits.softmax(dim=1)
    for _ in range(2):
        # Not divided by the number of images: a centroid's length does not change an angle.
        nearest = (vectors @ F.normalize(shares.T @ vectors).T).argmax(dim=1)
        shares = F.one_hot(nearest, logits.shape[1]).to(vectors.dtype)
    return nearest
