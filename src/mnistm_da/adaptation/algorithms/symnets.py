"""SymNets: domain-symmetric networks (Zhang et al., CVPR 2019, arXiv 1904.04663)."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from mnistm_da.adaptation.algorithm import Algorithm, Batch
from mnistm_da.adaptation.hooked import AdaptationParams
from mnistm_da.adaptation.losses.weighting import ramp
from mnistm_da.parameters import TrainingParams


class SymNets(Algorithm):
    """A source and a target classifier, whose joint output over the classes of both is also the discriminator.

    The prediction is the target classifier's. Both sides learn from the same pass: the classifiers to tell the domains
    apart, the feature extractor to make them alike, class by class.

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
        features = [self.features(images) for images in (batch.source_images, batch.target_images)]
        held = [of_domain.detach().requires_grad_() for of_domain in features]
        on_source, on_target = (torch.cat([self.classifier(one), self.second(one)], dim=1) for one in held)
        labels = batch.source_labels
        by_source, by_target = on_source.tensor_split(2, dim=1)
        classification = F.cross_entropy(by_source, labels) + F.cross_entropy(by_target, labels)
        domain = _taken_for(0, on_source) + _taken_for(1, on_target)
        category = (F.cross_entropy(on_source, labels) + F.cross_entropy(on_source, labels + self.classes)) / 2
        confusion = (_taken_for(0, on_target) + _taken_for(1, on_target)) / 2
        entropy = _class_entropy(on_target)
        strength = self.params.weight * ramp(progress, self.params.ramp_speed)

        self.updates.zero_grad()
        classifiers = [*self.classifier.parameters(), *self.second.parameters()]
        (classification + domain).backward(inputs=classifiers, retain_graph=True)
        of_features = torch.autograd.grad(category + strength * (confusion + entropy), held)
        torch.autograd.backward(features, of_features)
        self.updates.step()
        terms = {"classification": classification, "domain": domain, "category": category}
        return {name: term.detach() for name, term in (terms | {"confusion": confusion, "entropy": entropy}).items()}


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
