"""The contract of an architecture."""

from abc import ABC, abstractmethod
from math import prod

from torch import nn

from mnistm_da.adaptation.networks.heads import LabelClassifier
from mnistm_da.domains.format import Format
from mnistm_da.parameters import NetworkParams


class Architecture(ABC):
    """An architecture: it makes feature extractors, and what fits on top of their features.

    Attributes:
        features: length of a feature vector. A subclass sets it in its constructor.
        params: of the networks.
        format: of the images.
    """

    features: int

    def __init__(self, params: NetworkParams, format: Format) -> None:
        self.params, self.format = params, format

    @abstractmethod
    def feature_extractor(self) -> nn.Module:
        """Make a network from images ``(N, C, S, S)`` float32 0–1 to features ``(N, F)``."""

    def label_classifier(self) -> LabelClassifier:
        """Make a network from features ``(N, F)`` to class logits ``(N, K)``."""
        return LabelClassifier(self.features, len(self.format.classes), dropout=self.params.dropout)

    def decoder(self) -> nn.Module:
        """Make a network from features ``(N, F)`` back to images ``(N, C, S, S)`` 0–1."""
        shape = self.format.shape
        return nn.Sequential(nn.Linear(self.features, prod(shape)), nn.Sigmoid(), nn.Unflatten(1, shape))
