"""SymNets: domain-symmetric networks (Zhang et al., CVPR 2019, arXiv 1904.04663)."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from mnistm_da.adaptation.algorithm import Algorithm, Batch
from mnistm_da.adaptation.hooked import AdaptationParams
from mnistm_da.adaptation.losses.weighting import ramp
from mnistm_da.adaptation.optimization.descent import descend, frozen
from mnistm_da.parameters import TrainingParams


class SymNets(Algorithm):
    """A source and a target classifier, whose joint output over the classes of both is also the discriminator.

    The prediction is the target classifier's. The classifiers learn to tell the domains apart, the feature extractor to
    make them alike, class by class; both from the same weights.

    When to use:
        Where the alignment should go by class, without a discriminator beside the classifiers.
    """

    Params = AdaptationParams
    params: AdaptationParams

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.second = self.architecture.label_classifier()
        self.networks["second_classifier"] = self.second

    def prepare(self, training: TrainingParams) -> None:
        super().prepare(training)
        self.updates = self.optimizer(self.feature_extractor, self.classifier, self.second)

    def classify(self, features: Tensor) -> Tensor:
        return self.second(features)

    def last_hidden(self, features: Tensor) -> Tensor:
        return self.second.hidden(features)

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Do one step of both sides, each with its own losses at the same weights; see `Algorithm.step`."""
        assert batch.target_images is not None
        source, target = self.features(batch.source_images), self.features(batch.target_images)
        of_classifiers = self._tell_apart(source.detach(), target.detach(), batch.source_labels)
        with frozen(self.classifier, self.second):
            of_features = self._confuse(source, target, batch.source_labels)
        strength = self.params.weight * ramp(progress, self.params.ramp_speed)
        growing = strength * (of_features["confusion"] + of_features["entropy"])
        descend(self.updates, sum(of_classifiers.values()) + of_features["category"] + growing)
        return {name: term.detach() for name, term in (of_classifiers | of_features).items()}

    def _joint(self, features: Tensor) -> Tensor:
        """Give the logits over the classes of both domains, ``(B, 2 K)``, the source's first."""
        return torch.cat([self.classifier(features), self.second(features)], dim=1)

    def _tell_apart(self, source: Tensor, target: Tensor, labels: Tensor) -> dict[str, Tensor]:
        on_source, on_target = self._joint(source), self._joint(target)
        by_source, by_target = on_source.tensor_split(2, dim=1)
        return {
            "classification": F.cross_entropy(by_source, labels) + F.cross_entropy(by_target, labels),
            "domain": _taken_for(0, on_source) + _taken_for(1, on_target),
        }

    def _confuse(self, source: Tensor, target: Tensor, labels: Tensor) -> dict[str, Tensor]:
        on_source, on_target = self._joint(source), self._joint(target)
        category = F.cross_entropy(on_source, labels) + F.cross_entropy(on_source, labels + self.classes)
        return {
            "category": category / 2,
            "confusion": (_taken_for(0, on_target) + _taken_for(1, on_target)) / 2,
            "entropy": _class_entropy(on_target),
        }


def _taken_for(domain: int, joint: Tensor) -> Tensor:
    """Give −log of the probability of all classes of one domain: a term of the paper's E_domain and F_domain.

    Args:
        domain: 0 is the source, whose classes come first, 1 the target.
        joint: logits over the classes of both, ``(N, 2 K)``.
    """
    of_domain = joint.log_softmax(dim=1).tensor_split(2, dim=1)[domain]
    return -of_domain.logsumexp(dim=1).mean()


def _class_entropy(joint: Tensor) -> Tensor:
    """Give the entropy of the class, whichever the domain, the paper's M; ``joint`` as above."""
    of_class = torch.stack(joint.log_softmax(dim=1).tensor_split(2, dim=1)).logsumexp(dim=0)
    return -(of_class.exp() * of_class).sum(dim=1).mean()
