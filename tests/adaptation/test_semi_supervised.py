"""Noisy student and the self-supervised task against computations by hand; AdaMatch: `test_adamatch.py`."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from torch.nn import functional as F

from mnistm_da.adaptation.algorithm import Batch, Splits
from mnistm_da.adaptation.algorithms.adamatch import WEAK
from mnistm_da.adaptation.algorithms.rotation import turned
from mnistm_da.adaptation.losses.alignment import ClassShares
from mnistm_da.adaptation.models import loading
from mnistm_da.adaptation.models.checkpoints import pick
from mnistm_da.adaptation.models.description import description
from mnistm_da.adaptation.optimization import state
from mnistm_da.adaptation.registry import ALGORITHMS, algorithm_class
from mnistm_da.domains.format import DIGITS
from mnistm_da.parameters import AugmentationParams, NetworkParams, TrainingParams
from mnistm_da.pipeline_registry import register_pipelines
from training_data import DATA, states

SPLITS = Splits(*(torch.from_numpy(array) for array in (*DATA.source.values(), DATA.target["images"])))
INDEX = torch.arange(12)
SOURCE, TARGET = torch.rand(2, 12, 3, 28, 28, generator=torch.Generator().manual_seed(0))
BATCH = Batch(SOURCE, INDEX % 10, TARGET, None, INDEX)


def made(name, **params):
    algorithm = loading.build(algorithm_class(name), params, NetworkParams(width=8), DIGITS, seed=0)
    algorithm.prepare(TrainingParams())
    return algorithm


def test_the_shares_of_the_classes_are_a_moving_average_from_equal_ones():
    shares, rng, expected = ClassShares(3, 0.9), np.random.default_rng(0), np.full(3, 1 / 3)
    for _ in range(20):
        batch = rng.dirichlet(np.ones(3), 8).astype(np.float32)
        expected = 0.9 * expected + 0.1 * batch.mean(axis=0)
        np.testing.assert_allclose(shares(torch.from_numpy(batch)), expected, rtol=1e-5)


def test_a_class_that_is_never_predicted_is_no_magnet():
    """Divided by its share alone, an image that looks a little like it would get its label."""
    shares = ClassShares(3, 0.0)
    of_classes = shares(torch.tensor([[0.5, 0.5, 1e-12]]))
    torch.testing.assert_close(of_classes, torch.tensor([0.5, 0.5, 1e-6]))
    assert (torch.tensor([0.9, 0.1, 1e-7]) / of_classes).argmax() == 0
    assert torch.isfinite(torch.zeros(3) / shares(torch.zeros(1, 3))).all()


@pytest.mark.parametrize("network", ["ganin", "compact", "vgg"])
def test_a_student_learns_the_labels_of_the_model_it_starts_from(network):
    algorithm, start = made("noisy_student", architecture=network, first_confidence=0.15), made("dann")
    algorithm.take_up(start)
    algorithm.begin(SPLITS)
    images = SPLITS.target_images[INDEX]
    with torch.no_grad():
        expected = start.logits(images.float() / 255).softmax(dim=1)
    share = algorithm.params.taught_share
    labels, counts = algorithm._label(BATCH.target_images, INDEX, share - 0.01)
    torch.testing.assert_close(labels, expected, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(counts, (expected.amax(dim=1) >= 0.15).float())
    later, _ = algorithm._label(BATCH.target_images, INDEX, share)
    assert not torch.allclose(later, expected), "the student's average teaches from here on"
    assert {*algorithm.step(BATCH, 0.1)} == {"classification", "pseudo_label", "confident_share"}


def test_a_student_has_views_of_its_own_where_they_are_asked_for():
    asked = made("noisy_student"), made("champion"), made("champion", views="one")
    assert [student.views for student in asked] == ["one", "shifted", "one"]


def test_a_student_has_an_optimizer_and_a_learning_rate_of_its_own():
    rate = TrainingParams().learning_rate
    for name, expected in (("noisy_student", {"AdamW": rate}), ("champion", {"AdamW": 5 * rate, "Muon": 5 * rate})):
        student = made(name)
        assert {type(each).__name__: each.param_groups[0]["lr"] for each in student.optimizers} == expected
        trained = [weight for each in student.optimizers for group in each.param_groups for weight in group["params"]]
        assert sorted(map(id, trained)) == sorted(map(id, student.student.parameters())), "each weight by one optimizer"
    by_muon = {id(weight) for weight in student.optimizers[1].param_groups[0]["params"]}
    others = [name for name, of in student.student.named_parameters() if of.ndim > 1 and id(of) not in by_muon]
    assert others == ["1.last.weight"]


def test_a_students_labels_are_aligned_to_equal_shares(monkeypatch):
    monkeypatch.setattr("mnistm_da.adaptation.algorithms.noisy_student.augment", lambda images, _: images)
    algorithm = made("noisy_student", momentum=0.95)
    with torch.no_grad():
        predicted = algorithm.teacher(BATCH.target_images).softmax(dim=1)
    shares = 0.05 + predicted.mean(dim=0) / 2  # 10 × 0.05 of one batch
    labels, _ = algorithm._label(BATCH.target_images, INDEX, 0.9)
    torch.testing.assert_close(labels, F.normalize(predicted / shares, p=1, dim=1))


def test_half_of_each_domain_is_almost_clean_and_labels_stay_with_their_images(monkeypatch):
    strong = AugmentationParams(noise=0.3)
    brighter = {WEAK: 0.1, strong: 0.2}
    monkeypatch.setattr(
        "mnistm_da.adaptation.algorithms.noisy_student.augment", lambda images, how: images + brighter[how]
    )
    own = {"first_confidence": 0.3, "strong": strong.model_dump()}
    algorithm, same, shown = made("noisy_student", **own), made("noisy_student", **own).student, []
    algorithm.student.register_forward_pre_hook(lambda _, images: shown.extend(images))
    algorithm.labels = torch.from_numpy(np.random.default_rng(0).dirichlet(np.full(10, 0.3), 12)).float()
    batch = replace(BATCH, target_index=INDEX.flip(0))
    terms = algorithm.step(batch, 0.0)

    [images] = shown
    halves = (SOURCE[:6] + 0.1, SOURCE[6:] + 0.2, TARGET[:6] + 0.1, TARGET[6:] + 0.2)
    torch.testing.assert_close(images, torch.cat(halves), rtol=0, atol=0)
    with torch.no_grad():
        of_source, of_target = -same(images).log_softmax(dim=1).reshape(2, 12, 10)
    labels = algorithm.labels.flip(0)
    counts = labels.amax(dim=1) >= 0.3
    assert 0 < counts.sum() < 12
    torch.testing.assert_close(terms["classification"], of_source[INDEX, batch.source_labels].mean())
    torch.testing.assert_close(terms["pseudo_label"], (counts * (labels * of_target).sum(dim=1)).mean())


@pytest.mark.parametrize("name", ["noisy_student", "champion"])
def test_the_average_of_all_trainings_is_that_of_the_teacher_alone(name):
    params, training = algorithm_class(name).Params(), TrainingParams(average=0.9)
    assert params.adjusted(training).average == 0.0
    assert params.adjusted(training).epochs == training.epochs * (params.epochs_factor or 1)


@pytest.mark.parametrize("name", ["noisy_student", "champion"])
def test_a_second_average_is_refused(name):
    with pytest.raises(ValidationError, match="is a moving average already: set its momentum"):
        algorithm_class(name).Params(average=0.9)


def test_what_is_kept_of_a_student_is_its_average():
    algorithm = made("noisy_student")
    for progress in (0.1, 0.2):
        algorithm.step(BATCH, progress)
    trained = {name: tensor.clone() for name, tensor in algorithm.student.state_dict().items()}
    average = algorithm.teacher.module.state_dict()
    with algorithm.at_checkpoint(SPLITS):
        for name, tensor in algorithm.student.state_dict().items():
            torch.testing.assert_close(tensor, average[name], rtol=0, atol=0)
            assert name.endswith(("num_batches_tracked",)) or not torch.equal(tensor, trained[name])
    for name, tensor in algorithm.student.state_dict().items():
        torch.testing.assert_close(tensor, trained[name], rtol=0, atol=0)


def test_the_model_it_started_from_is_told_and_another_one_does_not_continue_it():
    start = states("dann")[-1]
    model = pick(state.kept(start) | description(start).as_arrays(), 1)
    other = model | {"classifier.last.bias": model["classifier.last.bias"] + 1}
    first, last = states("noisy_student", params={"epochs_factor": 2}, start_model=model)
    assert description(last).start is not None
    with pytest.raises(ValueError, match=r"start .* →"):
        states(
            "noisy_student", params={"epochs_factor": 2}, start_model=other, resume=True, earlier_state=lambda: first
        )
    *_, again = states(
        "noisy_student", params={"epochs_factor": 2}, start_model=model, resume=True, earlier_state=lambda: first
    )
    for name, array in state.kept(last).items():
        np.testing.assert_array_equal(array, state.kept(again)[name], err_msg=name)


def test_what_is_started_from_is_trained_first_and_is_an_input():
    pipelines = register_pipelines()
    names = [name for name, entry in ALGORITHMS.items() if entry.starts_from == "dann"]
    from_dann = ["dirt_t_from_dann", "self_training_from_dann", "rotation_from_dann", "adamatch_from_dann"]
    assert names == [*from_dann, "noisy_student", "champion"]
    for name in names:
        [train] = [node for node in pipelines[name].nodes if node.name == f"{name}.train"]
        assert "dann.model" in train.inputs
        assert "dann.model" in pipelines[name].all_outputs()
    assert "dann.model" not in pipelines["adamatch"].datasets()
    twice = pipelines["noisy_student_twice"]
    assert {"dann.model", "noisy_student.model"} <= twice.all_outputs()
    [train] = [node for node in twice.nodes if node.name == "noisy_student_twice.train"]
    assert {"noisy_student.model"} == {name for name in train.inputs if name.endswith(".model")}


def test_an_image_is_turned_in_the_way_that_is_asked_for():
    images = torch.rand(8, 3, 28, 28)
    found = turned(images, torch.arange(8) % 4)
    for number, image in enumerate(found.numpy()):
        plain = images[number].numpy()
        ways = (plain, plain.transpose(0, 2, 1), plain[:, :, ::-1], np.rot90(plain, 3, axes=(1, 2)))
        np.testing.assert_array_equal(image, ways[number % 4])


def test_the_turns_of_both_domains_are_learned_beside_the_labels():
    torch.manual_seed(0)
    algorithm = made("rotation", weight=0.5)
    history = [algorithm.step(BATCH, 0.0) for _ in range(15)]
    assert history[-1]["turns"] < history[0]["turns"]
    assert history[-1]["classification"] < history[0]["classification"]


def test_what_starts_from_a_model_begins_with_its_weights_and_teacher():
    start = made("dann")
    with torch.no_grad():
        start.feature_extractor.convolution1.weight.fill_(0.25)
    algorithm = loading.build(algorithm_class("self_training_from_dann"), {}, NetworkParams(width=8), DIGITS, seed=1)
    algorithm.take_up(start)
    algorithm.prepare(TrainingParams())
    for network in (algorithm.student, algorithm.teacher.module):
        weights = network.state_dict()
        assert (weights["0.convolution1.weight"] == 0.25).all()
        torch.testing.assert_close(weights["1.last.weight"], start.classifier.last.weight.detach(), rtol=0, atol=0)


def test_the_refinement_stays_near_the_model_it_starts_from():
    """Its first teacher is that model; later, an average of students."""
    start = made("dann")
    algorithm = loading.build(algorithm_class("dirt_t_from_dann"), {}, NetworkParams(width=8), DIGITS, seed=1)
    algorithm.take_up(start)
    algorithm.prepare(TrainingParams())
    algorithm.networks.train()
    algorithm.start_epoch(SPLITS, 0.0)
    assert [*algorithm.networks] == ["feature_extractor", "classifier"]
    weight = "1.last.weight"
    first = start.classifier.last.weight.detach().clone()
    torch.testing.assert_close(algorithm.teacher.state_dict()[weight], first, rtol=0, atol=0)
    terms = algorithm.step(BATCH, 0.0)
    assert {*terms} == {"refinement_teacher", "refinement_entropy", "refinement_target_vat"}
    student = algorithm.student.state_dict()[weight]
    assert not torch.equal(student, first)
    algorithm.start_epoch(SPLITS, 0.5)
    momentum = algorithm.params.teacher_momentum
    torch.testing.assert_close(algorithm.teacher.state_dict()[weight], momentum * first + (1 - momentum) * student)
