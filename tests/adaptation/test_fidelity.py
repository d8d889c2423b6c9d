"""Where algorithms keep to their papers, which one would not see in their results."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from mnistm_da.adaptation.algorithm import Batch
from mnistm_da.adaptation.algorithms.adabn import AdaBN
from mnistm_da.adaptation.algorithms.gvb import GVB
from mnistm_da.adaptation.algorithms.mcd import MCD
from mnistm_da.adaptation.algorithms.sliced_wasserstein import SlicedWassersteinDiscrepancy
from mnistm_da.adaptation.losses.weighting import WeightedSum
from mnistm_da.adaptation.models import checkpoints, loading
from mnistm_da.adaptation.networks.forward import as_input
from mnistm_da.adaptation.optimization import loop, state
from mnistm_da.adaptation.optimization.descent import descend
from mnistm_da.domains.format import DIGITS
from mnistm_da.parameters import NetworkParams, TrainingParams
from training_data import CPU, DATA, no_bar

PARTS = {"source": slice(16, 32), "target": slice(16)}
"""Images that stand for those of the two domains."""


def test_every_model_that_is_kept_of_adabn_has_the_statistics_of_the_target():
    """And keeping one does not change the training."""
    kept = {}
    for count in (1, 3):
        params = TrainingParams(epochs=3, batch_size=16)
        algorithm = loading.build(AdaBN, {}, NetworkParams(), DIGITS, seed=0)
        *_, last = loop.train(algorithm, DATA, params, seed=0, device=CPU, progress_bar=no_bar, checkpoints=count)
        kept[count] = state.kept(last)
    for name, array in checkpoints.checkpoint(kept[1], 3).items():
        np.testing.assert_array_equal(array, checkpoints.checkpoint(kept[3], 3)[name])
    images = as_input(torch.from_numpy(DATA.target["images"]))
    for epoch in (1, 2, 3):
        model = loading.restore(
            loading.build(AdaBN, {}, NetworkParams(), DIGITS, 0), checkpoints.checkpoint(kept[3], epoch)
        )
        extractor = model.feature_extractor
        first = extractor.pooling1(extractor.convolution1(extractor.normalisation(images)))
        found = extractor.norm1.running_mean
        np.testing.assert_allclose(found, first.mean(dim=(0, 2, 3)).detach(), rtol=1e-3, atol=1e-5)


def test_sliced_wasserstein_compares_two_classifiers_by_the_sorted_projections_of_their_predictions():
    compare = loading.build(SlicedWassersteinDiscrepancy, {}, NetworkParams(), DIGITS, seed=0).discrepancy()
    torch.manual_seed(1)
    one, other = torch.randn(16, 10), torch.randn(16, 10)
    assert compare(one, one[torch.randperm(16)]).item() == pytest.approx(0, abs=1e-9)
    torch.manual_seed(2)
    directions = torch.randn(10, 128).numpy()
    directions /= np.linalg.norm(directions, axis=0)
    sorted_ = [np.sort(logits.softmax(dim=1).numpy() @ directions, axis=0) for logits in (one, other)]
    torch.manual_seed(2)
    assert compare(one, other).item() == pytest.approx(((sorted_[0] - sorted_[1]) ** 2).mean(), rel=1e-4)


def test_a_step_of_mcd_is_that_of_its_authors_from_the_first_on():
    """Classifiers and feature extractor weigh the discrepancy alike, without a ramp: steps A, B and 2 times C."""
    network, weight = NetworkParams(dropout=0.0), 0.5
    ours, by_hand = (loading.build(MCD, {"weight": weight, "repeat": 2}, network, DIGITS, seed=0) for _ in range(2))
    images = {name: as_input(torch.from_numpy(DATA.target["images"][of])) for name, of in PARTS.items()}
    labels = torch.arange(16) % 10
    for one in (ours, by_hand):
        one.prepare(TrainingParams())
        one.networks.train()
    ours.step(Batch(images["source"], labels, images["target"]), progress=0.0)

    extract, heads = by_hand.feature_extractor, (by_hand.classifier, by_hand.second)
    of_features, of_heads = by_hand.optimizer(extract), by_hand.optimizer(*heads)

    def on_source():
        features = extract(images["source"])
        return sum(functional.cross_entropy(head(features), labels) for head in heads)

    def discrepancy():
        features = extract(images["target"])
        one, other = (head(features).softmax(dim=1) for head in heads)
        return (one - other).abs().mean()

    descend([of_features, of_heads], on_source())
    descend([of_heads], on_source() - weight * discrepancy())
    for _ in range(2):
        descend([of_features], weight * discrepancy())
    expected = by_hand.networks.state_dict()
    for name, found in ours.networks.state_dict().items():
        torch.testing.assert_close(found, expected[name], rtol=1e-4, atol=1e-5)


def test_the_bridges_of_gvb_count_as_their_mean_over_the_domains_whatever_the_progress(monkeypatch):
    algorithm = loading.build(GVB, {}, NetworkParams(), DIGITS, seed=0)
    algorithm.prepare(TrainingParams())
    totals = []

    def weigh(self, losses):
        total, terms = whole(self, losses)
        bridges = [loss for name, loss in losses.items() if "bridge" in name]
        others = {name: loss for name, loss in losses.items() if "bridge" not in name}
        totals.append((total - whole(self, others)[0], sum(bridges) / 2, len(bridges)))
        return total, terms

    whole = WeightedSum.__call__
    monkeypatch.setattr(WeightedSum, "__call__", weigh)
    images = as_input(torch.from_numpy(DATA.target["images"][:16]))
    for progress in (0.0, 0.9):
        algorithm.step(Batch(images, torch.arange(16) % 10, images), progress)
    for weighed, mean, count in totals:
        assert count == 4  # of the classifier and of the discriminator, in each domain
        assert weighed.item() == pytest.approx(mean.item(), rel=1e-4)
