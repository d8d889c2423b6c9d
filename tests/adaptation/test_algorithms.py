"""Tests of single algorithms; those that all share are in optimization/test_loop.py."""

import sys
from contextlib import nullcontext

import numpy as np
import pytest
import torch
from pytorch_adapt.layers import NeighborhoodAggregation
from torch import nn

from conftest import make_split
from mnistm_da.adaptation import disturbance
from mnistm_da.adaptation.algorithm import Batch, Splits
from mnistm_da.adaptation.algorithms.adabn import AdaBN
from mnistm_da.adaptation.algorithms.adda import ADDA
from mnistm_da.adaptation.algorithms.afn import AFN
from mnistm_da.adaptation.algorithms.atdoc import ATDOC, _Neighbours
from mnistm_da.adaptation.algorithms.cdd import CDD
from mnistm_da.adaptation.algorithms.dirt_t import DIRTT
from mnistm_da.adaptation.algorithms.drcn import DRCN
from mnistm_da.adaptation.algorithms.mmd import JointMMD
from mnistm_da.adaptation.algorithms.mme import Prototypes
from mnistm_da.adaptation.algorithms.pixelda import PixelDA
from mnistm_da.adaptation.algorithms.rtn import RTN
from mnistm_da.adaptation.algorithms.self_training import SelfTraining
from mnistm_da.adaptation.algorithms.translation import Translation
from mnistm_da.adaptation.disturbance import disturb
from mnistm_da.adaptation.models import inference, loading
from mnistm_da.adaptation.networks.forward import as_input
from mnistm_da.domains.format import DIGITS
from mnistm_da.parameters import AugmentationParams, NetworkParams, TrainingParams
from training_data import CPU


def build(make, *, dropout=0.0, **own):
    made = loading.build(make, own, NetworkParams(dropout=dropout), DIGITS, seed=0)
    made.prepare(TrainingParams())
    return made


def batch(count=16):
    source, target = make_split(count, channels=1, seed=1), make_split(count, channels=3, seed=2)
    labels = torch.from_numpy(source["labels"])
    images = (as_input(torch.from_numpy(split["images"])) for split in (source, target))
    return Batch(next(images), labels, next(images), target_index=torch.arange(count))


def splits():
    source, target = make_split(64, channels=1, seed=1), make_split(48, channels=3, seed=2)
    return Splits(*(torch.from_numpy(a) for a in (source["images"], source["labels"], target["images"])))


def state(module):
    return {name: tensor.clone() for name, tensor in module.state_dict().items()}


def changed(before, module):
    return {name for name, tensor in module.state_dict().items() if not torch.equal(before[name], tensor)}


def test_adabn_takes_the_statistics_of_the_target_and_leaves_the_weights():
    algorithm, both = build(AdaBN), splits()
    before = state(algorithm.networks)
    with algorithm.at_checkpoint(both):
        assert all("running" in name or "num_batches" in name for name in changed(before, algorithm.networks))
        extractor = algorithm.feature_extractor
        first = extractor.pooling1(extractor.convolution1(extractor.normalisation(as_input(both.target_images))))
        np.testing.assert_allclose(
            extractor.norm1.running_mean, first.mean(dim=(0, 2, 3)).detach(), rtol=1e-3, atol=1e-5
        )
    assert algorithm.feature_extractor.norm1.momentum == 0.1
    assert not changed(before, algorithm.networks)  # training goes on with its own


def test_adda_trains_the_source_encoder_first_and_only_the_target_encoder_after():
    algorithm = build(ADDA, pretraining=0.5, least_accuracy=0)
    data = batch()
    source = state(algorithm.source_extractor)
    algorithm.step(data, 0.0)
    assert changed(source, algorithm.source_extractor)
    assert not changed(state(algorithm.source_extractor), algorithm.feature_extractor)  # what would be evaluated
    trained, classifier = state(algorithm.source_extractor), state(algorithm.classifier)
    for progress in (0.5, 0.6, 0.7):
        algorithm.step(data, progress)
    weights = {name for name, _ in algorithm.source_extractor.named_parameters()}
    assert not changed(trained, algorithm.source_extractor) & weights
    assert not changed(classifier, algorithm.classifier)
    assert changed(trained, algorithm.feature_extractor) & weights


def test_adda_drops_out_as_much_of_the_source_as_of_the_target():
    algorithm = build(ADDA, dropout=0.5)
    data = batch()
    for _ in range(2):  # the hook leaves the source's encoder in evaluation mode
        source = algorithm.context(data)["src_imgs_features_detached"]
        target = algorithm.feature_extractor.train()(data.target_images)
        gone = [(of.view(16, 50, 16) == 0).all(dim=2).float().mean().item() for of in (source, target)]
        assert gone[0] == pytest.approx(gone[1], abs=0.1)
        algorithm.step(data, 0.9)


def test_atdoc_remembers_images_without_dropout():
    algorithm = build(ATDOC, dropout=0.5)
    algorithm.begin(splits())
    remembered = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        algorithm._vote(batch().target_images, torch.arange(16))
        remembered.append(algorithm.memory["neighbours"].feat_memory[:16].clone())
    assert torch.equal(*remembered)
    assert algorithm.feature_extractor.dropout.training


def test_cdd_clusters_splits_of_any_size():
    algorithm, both = build(CDD), splits()
    more = Splits(both.source_images, both.source_labels, both.target_images[torch.arange(251) % 48])
    algorithm.start_epoch(more, 0.5)
    assert algorithm.assigned.shape == (251,)
    assert algorithm.assigned.unique().numel() > 5


@pytest.mark.parametrize("make", [AFN, JointMMD, RTN])
def test_the_layer_in_front_of_the_last_is_what_is_aligned(make):
    algorithm, data = build(make), batch()
    algorithm.networks.eval()
    seen = algorithm.context(data)
    hidden = seen["G"](data.target_images)
    assert hidden.shape == (16, 100)
    torch.testing.assert_close(seen["C"](hidden), algorithm.logits(data.target_images))


def test_atdoc_votes_as_pytorch_adapts_own_memory_does():
    torch.manual_seed(0)
    ours, theirs = _Neighbours(50, 8, 10, k=5), NeighborhoodAggregation(50, 8, 10, k=5)
    theirs.load_state_dict(ours.state_dict())
    for _ in range(3):
        features, logits, index = torch.randn(12, 8), torch.randn(12, 10), torch.randperm(50)[:12]
        for found, expected in zip(
            ours(features, logits, update=True, idx=index),
            theirs(features, logits, update=True, idx=index),
            strict=True,
        ):
            torch.testing.assert_close(found, expected)


def test_dirt_t_leaves_the_source_after_its_share():
    algorithm = build(DIRTT, vada_share=0.5)
    data = batch()
    assert "d_source_domain" in algorithm.step(data, 0.0)
    algorithm.start_epoch(splits(), 0.6)
    assert not changed(state(algorithm.feature_extractor), algorithm.teacher[0])  # the first teacher is the student
    terms = algorithm.step(data, 0.6)
    assert set(terms) == {"refinement_teacher", "refinement_entropy", "refinement_target_vat"}
    other = Batch(torch.rand_like(data.source_images), data.source_labels, data.target_images)
    one, two = build(DIRTT, vada_share=0.5), build(DIRTT, vada_share=0.5)
    for model, seen in ((one, data), (two, other)):
        torch.manual_seed(7)
        model.start_epoch(splits(), 0.6)
        model.step(seen, 0.6)
    assert not changed(state(one.networks), two.networks)


def test_self_training_counts_only_what_the_teacher_is_sure_of():
    data = batch()
    none, everything = build(SelfTraining, confidence=1.0), build(SelfTraining, confidence=0.0)
    terms = none.step(data, 0.5)
    assert terms["pseudo_label"] == 0
    assert terms["class_balance"] == 0
    assert everything.step(data, 0.5)["confident_share"] == 1


def test_disturbed_images_are_moved_a_little(monkeypatch):
    dot = torch.zeros(200, 3, 28, 28)
    dot[:, :, 13:15, 13:15] = 1
    torch.manual_seed(0)
    assert not torch.equal(disturb(dot), disturb(dot))
    monkeypatch.setattr(disturbance, "DISTURBANCE", AugmentationParams(shift=disturbance.DISTURBANCE.shift))
    moved = disturb(dot)[:, 0]
    rows = torch.arange(28.0)
    for total, centre in ((moved.sum(dim=2), rows), (moved.sum(dim=1), rows)):
        shift = (total @ centre) / total.sum(dim=1) - 13.5
        assert 1.5 < shift.abs().max() <= 2.001
        assert shift.mean().abs() < 0.3
    monkeypatch.setattr(disturbance, "DISTURBANCE", AugmentationParams())
    torch.testing.assert_close(disturb(dot), dot)


def test_self_trainings_teacher_is_the_moving_average_of_the_student():
    algorithm, data = build(SelfTraining, momentum=0.9), batch()
    start = algorithm.feature_extractor.convolution1.weight.detach().clone()
    algorithm.step(data, 0.0)  # the average starts at the first student it sees
    first = algorithm.feature_extractor.convolution1.weight.detach().clone()
    algorithm.step(data, 0.1)
    second = algorithm.feature_extractor.convolution1.weight.detach()
    [teacher] = [p for n, p in algorithm.teacher.module.named_parameters() if n == "0.convolution1.weight"]
    assert not torch.equal(start, first)
    torch.testing.assert_close(teacher, 0.9 * first + 0.1 * second)


@pytest.mark.parametrize("make", [Translation, DRCN, PixelDA])
def test_translated_images_are_images(make):
    images = make_split(30, channels=3, seed=3)["images"]
    made = inference.translate(build(make), images, CPU, batch_size=7)
    assert made.shape == (30, 3, 28, 28)
    assert made.dtype == np.uint8


@pytest.mark.parametrize("make", [Translation, PixelDA])
def test_freezing_what_gets_no_step_changes_no_step(make, monkeypatch):
    def two_steps():
        torch.manual_seed(0)
        algorithm = build(make, width=4)
        for _ in range(2):
            algorithm.step(batch(8), 0.5)
        return algorithm.networks

    spared = two_steps()
    assert all(weight.requires_grad for weight in spared.parameters())
    monkeypatch.setattr(sys.modules[make.__module__], "frozen", lambda *modules: nullcontext())
    assert not changed(state(spared), two_steps())


def test_translation_classifies_what_it_translated():
    algorithm = build(Translation)
    algorithm.networks.eval()
    images = batch().target_images
    expected = algorithm.classifier(algorithm.feature_extractor(algorithm.to_source(images)))
    torch.testing.assert_close(algorithm.logits(images), expected)


def test_prototypes_are_cosines_over_the_temperature():
    head = Prototypes(800, 10, 0.05)
    with torch.no_grad():
        features = torch.randn(4, 800)
        expected = nn.functional.normalize(features) @ head.weight.T / 0.05
        torch.testing.assert_close(head(features), expected)
        torch.testing.assert_close(head(3 * features), head(features))
