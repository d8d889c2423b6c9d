import math

import pytest
import torch

from mnistm_da.adaptation.algorithm import Batch
from mnistm_da.adaptation.algorithms.dann import DANN
from mnistm_da.adaptation.losses.weighting import WeightedSum, ramp
from mnistm_da.adaptation.models import loading
from mnistm_da.domains.format import DIGITS
from mnistm_da.parameters import NetworkParams, TrainingParams


def make(**params):
    network = NetworkParams(dropout=0)
    made = loading.build(DANN, params, network, DIGITS, seed=0)
    made.prepare(TrainingParams(weight_decay=0))
    return made


def batch():
    generator = torch.Generator().manual_seed(1)
    source, target = torch.rand(2, 8, 3, 28, 28, generator=generator)
    return Batch(source, torch.arange(8), target)


def test_reversal_schedule_is_that_of_the_paper():
    assert ramp(0, 10) == 0
    assert ramp(0.3, 10) == pytest.approx(2 / (1 + math.exp(-3)) - 1)
    assert ramp(1, 10) == pytest.approx(0.99991, abs=1e-5)


def test_step_is_the_step_written_by_hand():
    """Losses and gradients of pytorch-adapt's hook equal plain PyTorch with the reversal as a sign."""
    ours, plain = make(weight=0.5), make(weight=0.5)
    progress, data = 0.4, batch()
    coefficient = ramp(progress, 10.0)
    losses = ours.step(data, progress)

    bce = torch.nn.functional.binary_cross_entropy_with_logits
    source, target = plain.feature_extractor(data.source_images), plain.feature_extractor(data.target_images)
    classification = torch.nn.functional.cross_entropy(plain.classifier(source), data.source_labels)
    domain = [
        bce(plain.discriminator(features), torch.full((8,), float(label)))
        for label, features in enumerate((source, target))
    ]
    domain_loss = 0.5 * (domain[0] + domain[1])
    extractor = list(plain.feature_extractor.parameters())
    from_labels = torch.autograd.grad(classification, extractor, retain_graph=True)
    from_domains = torch.autograd.grad(domain_loss, extractor)
    for parameter, label, dom in zip(ours.feature_extractor.parameters(), from_labels, from_domains, strict=True):
        torch.testing.assert_close(parameter.grad, label - coefficient * dom, atol=1e-6, rtol=1e-4)
    assert losses["classification"].item() == pytest.approx(classification.item(), rel=1e-5)
    assert losses["source_domain"].item() == pytest.approx(domain[0].item(), rel=1e-5)
    assert losses["target_domain"].item() == pytest.approx(domain[1].item(), rel=1e-5)


def test_each_domain_keeps_its_own_batch_statistics():
    """Replacing the target images does not change the source features' loss in a step."""
    first, second = make(), make()
    data = batch()
    other = Batch(data.source_images, data.source_labels, torch.rand_like(data.source_images) * 0.1)
    assert first.step(data, 0.0)["classification"] == second.step(other, 0.0)["classification"]


def test_weighted_sum_weighs_the_total_and_reports_the_terms():
    total, terms = WeightedSum({"a": 0.5})({"a": torch.tensor(2.0, requires_grad=True), "b": torch.tensor(3.0)})
    assert total.item() == 4
    assert {name: term.item() for name, term in terms.items()} == {"a": 2, "b": 3}
    assert not terms["a"].requires_grad
