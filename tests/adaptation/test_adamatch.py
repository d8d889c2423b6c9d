"""AdaMatch against computations by hand."""

import numpy as np
import pytest
import torch
from torch import nn

from mnistm_da.adaptation.algorithm import Batch
from mnistm_da.adaptation.algorithms.adamatch import STRONG, WEAK
from mnistm_da.adaptation.models import loading
from mnistm_da.adaptation.registry import algorithm_class
from mnistm_da.domains.format import DIGITS
from mnistm_da.parameters import NetworkParams, TrainingParams

INDEX = torch.arange(12)
SOURCE, TARGET = torch.rand(2, 12, 3, 28, 28, generator=torch.Generator().manual_seed(0))
BATCH = Batch(SOURCE, INDEX % 10, TARGET, None, INDEX)


def made(**params):
    """The same weights whenever it is made."""
    algorithm = loading.build(algorithm_class("adamatch"), params, NetworkParams(width=8), DIGITS, seed=0)
    algorithm.prepare(TrainingParams())
    return algorithm


@pytest.fixture
def augmented(monkeypatch):
    """A batch of both domains in which weak views are the images, and strong ones are mirrored; as AdaMatch sees it."""
    monkeypatch.setattr(
        "mnistm_da.adaptation.algorithms.adamatch.augment",
        lambda images, how: images if how == WEAK else images.flip(3),
    )
    return torch.cat([SOURCE, SOURCE.flip(3)]), torch.cat([TARGET, TARGET.flip(3)])


def test_one_part_of_its_augmentation_that_is_named_leaves_the_others():
    assert made(strong={"noise": 0.2}).params.strong == STRONG.model_copy(update={"noise": 0.2})


def test_adamatchs_labels_are_aligned_and_count_relative_to_the_source():
    algorithm, rng = made(confidence=0.9, momentum=0.5), np.random.default_rng(0)
    weak, source = (rng.normal(size=(6, 10)).astype(np.float32) * 3 for _ in range(2))
    of_target, of_source = (np.exp(x) / np.exp(x).sum(axis=1, keepdims=True) for x in (weak, source))
    source_shares, target_shares = ((0.1 + p.mean(axis=0)) / 2 for p in (of_source, of_target))
    expected = of_target * source_shares / target_shares
    expected /= expected.sum(axis=1, keepdims=True)
    labels, counts = algorithm._label(torch.from_numpy(weak), torch.from_numpy(source))
    np.testing.assert_allclose(labels, expected, rtol=1e-4)
    np.testing.assert_array_equal(counts, expected.max(axis=1) >= 0.9 * of_source.max(axis=1).mean())
    assert 0 < counts.sum() < 6


def test_adamatch_learns_from_its_labels_more_and_more_until_the_middle(monkeypatch):
    weights = []
    for progress in (0.0, 0.25, 0.5, 1.0):
        algorithm, total = made(confidence=0.0), []
        monkeypatch.setattr(
            "mnistm_da.adaptation.algorithms.adamatch.descend", lambda _, loss, total=total: total.append(loss)
        )
        terms = algorithm.step(BATCH, progress)
        weights.append(((total[0] - terms["classification"]) / terms["pseudo_label"]).item())
    assert weights == pytest.approx([0, 0.5, 1, 1], abs=1e-3)


def test_adamatchs_running_statistics_are_those_of_one_pass_over_both_domains(augmented):
    algorithm, same = made(), made().model
    algorithm.step(BATCH, 0.5)
    same(torch.cat(augmented))
    found, expected = dict(algorithm.model.named_buffers()), dict(same.named_buffers())
    names = [name for name in expected if name.endswith(("running_mean", "running_var"))]
    assert len(names) == 8, "mean and variance of two layers in each network"
    for name in names:
        torch.testing.assert_close(found[name], expected[name], msg=lambda told, name=name: f"{name}: {told}")


def test_adamatch_has_no_dropout():
    layers = [layer for layer in made().model.modules() if isinstance(layer, nn.Dropout | nn.Dropout2d)]
    assert [layer.p for layer in layers] == [0, 0]


def test_adamatch_learns_from_logits_mixed_at_random_of_both_passes(augmented, monkeypatch):
    shares = torch.rand(24, 10, generator=torch.Generator().manual_seed(1))
    monkeypatch.setattr(torch, "rand_like", shares.expand_as)
    algorithm, same = made(confidence=0.95), made(confidence=0.95)
    terms = algorithm.step(BATCH, 0.5)

    source, target = augmented
    with torch.no_grad():
        joint, alone = same.model(torch.cat([source, target])), same.model(source)
    mixed = shares * joint[:24] + (1 - shares) * alone
    rows, labels = torch.arange(24), BATCH.source_labels.repeat(2)
    torch.testing.assert_close(terms["classification"], -mixed.log_softmax(dim=1)[rows, labels].mean())

    labels, counts = same._label(weak=joint[24:36], source=mixed[:12])
    of_strong = -(labels * joint[36:].log_softmax(dim=1)).sum(dim=1)
    assert 0 < counts.sum() < 12
    torch.testing.assert_close(terms["pseudo_label"], (counts * of_strong).mean())
