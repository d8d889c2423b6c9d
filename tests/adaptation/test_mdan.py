"""MDAN: its losses against NumPy, a source without an image in a batch, and one source."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from conftest import make_split
from mnistm_da.adaptation.algorithm import Batch
from mnistm_da.adaptation.algorithms.mdan import MDAN
from mnistm_da.adaptation.losses.soft_maximum import soft_maximum
from mnistm_da.adaptation.models.loading import build
from mnistm_da.adaptation.optimization.batches import Batches, TrainingData
from mnistm_da.domains.format import DIGITS
from mnistm_da.errors import UserError
from mnistm_da.parameters import TrainingParams
from training_data import CPU, SMALL

TWO = DIGITS.model_copy(update={"sources": ("here", "there")})


def test_the_soft_maximum_and_its_shares_against_numpy():
    given = np.array([0.3, 0.9, 0.5])
    losses = torch.tensor(given, dtype=torch.float32, requires_grad=True)
    bound, shares = soft_maximum(losses, 10.0)
    assert bound.item() == pytest.approx(np.log(np.exp(10 * given).sum()) / 10, rel=1e-6)
    bound.backward()
    expected = np.exp(10 * given) / np.exp(10 * given).sum()
    np.testing.assert_allclose(losses.grad, expected, rtol=1e-5)
    np.testing.assert_allclose(shares, expected, rtol=1e-5)


def batch(domains):
    source, target = (make_split(12, channels=3, seed=seed) for seed in (0, 1))
    images = [torch.from_numpy(split["images"]) / 255 for split in (source, target)]
    labels = torch.from_numpy(source["labels"])
    return Batch(images[0], labels, images[1], source_domains=None if domains is None else torch.tensor(domains))


def prepared(form):
    algorithm = build(MDAN, {}, SMALL.model_copy(update={"dropout": 0.0}), form, seed=0)
    algorithm.prepare(TrainingParams(batch_size=12))
    algorithm.networks.train()
    return algorithm


def test_a_step_is_the_papers_loss_and_each_source_has_its_discriminator():
    domains = [0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    algorithm, other = prepared(TWO), prepared(TWO)
    seen = batch(domains)
    terms = algorithm.step(seen, 0.5)
    source, target = other.features(seen.source_images), other.features(seen.target_images)
    errors = F.cross_entropy(other.classifier(source), seen.source_labels, reduction="none")
    losses = []
    for number, discriminator in enumerate(other.discriminators):
        own = torch.tensor(domains) == number
        of_source, of_target = discriminator(source[own]), discriminator(target)
        domain = F.binary_cross_entropy_with_logits(of_source, torch.zeros(int(own.sum())))
        domain = domain + F.binary_cross_entropy_with_logits(of_target, torch.ones(12))
        losses.append((errors[own].mean() + domain).item())
    shares = np.exp(10 * np.array(losses)) / np.exp(10 * np.array(losses)).sum()
    assert [terms["weight_here"].item(), terms["weight_there"].item()] == pytest.approx(shares, rel=1e-3)
    assert all(not value.requires_grad for value in terms.values())


@pytest.mark.parametrize("others", [0, 1])
def test_a_source_with_too_few_images_in_the_batch_does_not_count(others):
    terms = prepared(TWO).step(batch([0] * (12 - others) + [1] * others), 0.5)
    assert terms["weight_here"] == 1
    assert "weight_there" not in terms
    assert all(torch.isfinite(value) for value in terms.values())


def test_a_batch_that_cannot_hold_two_images_of_a_source_is_refused():
    with pytest.raises(UserError, match=r"training\.batch_size is 2, but mdan compares 2 sources"):
        build(MDAN, {}, SMALL, TWO, seed=0).prepare(TrainingParams(batch_size=2))


def test_with_one_source_no_number_is_needed_and_no_weight_is_told():
    assert set(prepared(DIGITS).step(batch(None), 0.5)) == {"classification", "source_domain", "target_domain"}


def test_a_batch_tells_the_source_of_its_images():
    source = make_split(24, channels=1, seed=0) | {"domains": np.repeat([0, 1], 12)}
    source["images"][12:] = 200
    data = TrainingData(source, source, make_split(24, channels=3, seed=1))
    for reads_target in (True, False):
        for seen in Batches(data, TrainingParams(batch_size=8), reads_target, 0, CPU, 3):
            is_second = (seen.source_images > 0.5).flatten(start_dim=1).all(dim=1)
            assert seen.source_domains.tolist() == is_second.int().tolist()
