"""SHOT and tent against computations by hand, and what a training without the source reads and keeps."""

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from scipy.special import log_softmax, softmax
from torch import nn

from conftest import make_split
from mnistm_da import adapt
from mnistm_da.adaptation.algorithm import Batch, Splits
from mnistm_da.adaptation.algorithms.shot import centroid_labels
from mnistm_da.adaptation.measures.validators import READ_SOURCE, VALIDATORS, Outputs
from mnistm_da.adaptation.measures.validators import validate as score
from mnistm_da.adaptation.models import loading
from mnistm_da.adaptation.models.checkpoints import pick
from mnistm_da.adaptation.models.description import description
from mnistm_da.adaptation.optimization import state
from mnistm_da.adaptation.optimization.batches import Batches
from mnistm_da.adaptation.optimization.described import weights_checksum
from mnistm_da.adaptation.registry import ALGORITHMS, algorithm_class
from mnistm_da.domains.format import DIGITS
from mnistm_da.errors import UserError
from mnistm_da.hashes import checksum
from mnistm_da.parameters import NetworkParams, SelectionParams, TrainingParams
from mnistm_da.pipelines.drawing.nodes import plot_history, plot_validators
from mnistm_da.pipelines.selection.nodes import validate
from mnistm_da.pipelines.training.nodes import collect
from training_data import CPU, DATA, SMALL, states

SOURCE_FREE = [name for name, entry in ALGORITHMS.items() if entry.source_free]
TWO_EPOCHS = TrainingParams(epochs=2, batch_size=16)
RNG = np.random.default_rng(0)
IMAGES = torch.from_numpy(RNG.random((12, 3, 28, 28), dtype=np.float32))
NONE = torch.empty(0, 3, 28, 28)
BATCH = Batch(NONE, torch.empty(0, dtype=torch.int64), IMAGES, None, torch.arange(12))


def model(trained):
    return pick(state.kept(trained) | description(trained).as_arrays(), 1)


@pytest.fixture(scope="module")
def start():
    return model(states("source_only", network=SMALL)[-1])


@pytest.fixture(scope="module")
def trained(start):
    """The last state of each source-free training, of two epochs."""
    return {
        name: states(name, params={"epochs_factor": 1}, network=SMALL, start_model=start, training=TWO_EPOCHS)[-1]
        for name in SOURCE_FREE
    }


def made(name, start):
    algorithm = loading.build(algorithm_class(name), {}, SMALL, DIGITS, seed=1)
    algorithm.take_up(loading.load(start))
    algorithm.prepare(TrainingParams())
    return algorithm


def total(monkeypatch, name):
    """Catch the loss that a step goes down."""
    found = []
    monkeypatch.setattr(f"mnistm_da.adaptation.algorithms.{name}.descend", lambda _, loss: found.append(loss) or loss)
    return found


def test_a_pseudo_label_is_the_class_of_the_nearest_centroid():
    hidden, logits = np.abs(RNG.normal(size=(60, 7))), 2 * RNG.normal(size=(60, 4))
    extended = np.column_stack([hidden, np.ones(60)])
    extended /= np.linalg.norm(extended, axis=1, keepdims=True)
    shares = softmax(logits, axis=1)
    centroids = np.stack([np.average(extended, axis=0, weights=share) for share in shares.T])
    first = cdist(extended, centroids, "cosine").argmin(axis=1)
    centroids = np.stack([extended[first == label].mean(axis=0) for label in range(4)])
    second = cdist(extended, centroids, "cosine").argmin(axis=1)
    assert (first != second).any()
    np.testing.assert_array_equal(centroid_labels(torch.from_numpy(hidden), torch.from_numpy(logits)), second)


def test_a_class_without_images_is_no_pseudo_label():
    """Two groups of images, and three classes: the first centroid of the third lies between them, nearest to none."""
    groups = torch.arange(20) // 10
    hidden, logits = 4 * torch.eye(2)[groups] + 0.1 * torch.rand(20, 2), 3 * torch.eye(3)[groups]
    assert centroid_labels(hidden, logits).tolist() == groups.tolist()


def test_shot_descends_information_maximisation_and_pseudo_labels(start, monkeypatch):
    algorithm, losses = made("shot", start), total(monkeypatch, "shot")
    algorithm.labels = torch.arange(12) % 10
    algorithm.networks.eval()
    terms = algorithm.step(BATCH, 0.0)
    logits = algorithm.logits(IMAGES).detach().numpy().astype(np.float64)
    predicted, mean = softmax(logits, axis=1), softmax(logits, axis=1).mean(axis=0)
    expected = {
        "entropy": -(predicted * np.log(predicted)).sum(axis=1).mean(),
        "diversity": (mean * np.log(mean)).sum(),
        "pseudo_label": -log_softmax(logits, axis=1)[np.arange(12), np.arange(12) % 10].mean(),
    }
    for name, value in expected.items():
        assert terms[name].item() == pytest.approx(value, rel=1e-4), name
    weighted = expected["entropy"] + expected["diversity"] + 0.1 * expected["pseudo_label"]
    assert losses[0].item() == pytest.approx(weighted, rel=1e-4)


def test_shot_labels_the_whole_target_as_its_networks_classify_in_use(start):
    algorithm = made("shot", start)
    before = {name: buffer.clone() for name, buffer in algorithm.networks.named_buffers()}
    splits = Splits(*(torch.from_numpy(array) for array in (*DATA.source.values(), DATA.target["images"])))
    algorithm.start_epoch(splits, 0.0)
    assert algorithm.networks.training
    assert all(torch.equal(before[name], buffer) for name, buffer in algorithm.networks.named_buffers())
    with torch.no_grad():
        algorithm.networks.eval()
        hidden = algorithm.bottleneck()(splits.target_images / 255)
        expected = centroid_labels(hidden, algorithm.classifier.last(hidden))
    torch.testing.assert_close(algorithm.labels, expected)


def test_tent_descends_the_entropy_of_batch_statistics(start, monkeypatch):
    algorithm, losses = made("tent", start), total(monkeypatch, "tent")
    algorithm.networks.train()
    algorithm.step(BATCH, 0.0)
    with torch.no_grad():  # again in training mode: the statistics of the batch, and nothing random
        logits = algorithm.logits(IMAGES).numpy().astype(np.float64)
    predicted = softmax(logits, axis=1)
    assert losses[0].item() == pytest.approx(-(predicted * np.log(predicted)).sum(axis=1).mean(), rel=1e-4)


def norms(weights):
    """Give the names of what belongs to a batch norm: its statistics tell which those are."""
    return {name.removesuffix("running_mean") for name in weights if name.endswith("running_mean")}


def changed(start, trained):
    after = pick(state.kept(trained) | description(trained).as_arrays(), 2)
    return {name for name in start if name != "description" and not np.array_equal(start[name], after[name])}


def test_tent_changes_batch_norm_alone(start, trained):
    found = norms(start)
    assert len(found) == 4, "two of the features, two of the classifier"
    affine = {f"{name}{part}" for name in found for part in ("weight", "bias")}
    statistics = {f"{name}{part}" for name in found for part in ("running_mean", "running_var", "num_batches_tracked")}
    assert affine <= changed(start, trained["tent"]) <= affine | statistics


def test_shot_changes_all_but_the_last_layer(start, trained):
    last = {name for name in start if name.startswith("classifier.last.")}
    assert changed(start, trained["shot"]) == start.keys() - last - {"description"}


def test_tent_refuses_networks_without_batch_norm(start):
    algorithm = made("tent", start)
    for module in list(algorithm.networks.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.modules.batchnorm._BatchNorm):
                setattr(module, name, nn.Identity())
    with pytest.raises(UserError, match="the network 'Ganin' has none: choose another"):
        algorithm.prepare(TrainingParams())


def test_another_network_than_the_saved_ones_is_refused(start):
    with pytest.raises(UserError, match=r"another network than the parameters \(network.…\) ask for"):
        states("shot", network=NetworkParams(width=8), start_model=start)


def test_one_pass_of_tent_is_the_default(start):
    long = TrainingParams(epochs=20, batch_size=16)
    assert len(states("tent", network=SMALL, start_model=start, training=long)) == 1


def test_without_a_source_an_epoch_is_one_of_the_target():
    batches = list(Batches(DATA.without_source(), TrainingParams(batch_size=10), True, 0, CPU, 3))
    assert [len(batch.target_images) for batch in batches] == [10] * 4  # of 48
    assert {tuple(batch.source_images.shape) for batch in batches} == {(0, 3, 28, 28)}
    assert {len(batch.source_labels) for batch in batches} == {0}


@pytest.mark.parametrize("name", SOURCE_FREE)
def test_what_is_not_known_without_the_source_is_left_out(name, trained):
    """From the training node to the figures."""
    checkpoints, history, _ = collect(trained[name])
    assert "source_validation_accuracy" not in history
    images = {"images": make_split(40, channels=3, seed=4)["images"]}
    validation = validate(checkpoints, images, SelectionParams(), "cpu")
    assert {column for column in validation if validation[column].isna().all()} == READ_SOURCE
    terms = sum(column.startswith("loss/") for column in history)
    for accuracy in (np.nan, 0.5):
        judged = validation.assign(target_test_accuracy=accuracy)
        assert len(plot_validators(judged).data) == len(VALIDATORS) - len(READ_SOURCE)
        assert len(plot_history(history, judged).data) == terms + (accuracy == 0.5)


def test_those_validators_alone_read_the_source():
    """The others give the same scores with it and without."""
    source, target = (Outputs(torch.rand(30, 6), torch.randn(30, 3), labels) for labels in (torch.arange(30) % 3, None))
    with_it, without = score(source, target), score(target.none(), target)
    assert {name for name in VALIDATORS if with_it[name] != without[name]} == READ_SOURCE


def test_from_python_the_source_is_for_the_first_model_alone():
    source = make_split(60, channels=1, seed=0, side=16, classes=3)
    target = make_split(40, channels=3, seed=1, side=16, classes=3)["images"]
    small = {"network": {"width": 4}, "training": {"epochs": 1, "batch_size": 16}}
    adapted = adapt("shot", source["images"], source["labels"], target, **small)
    first = adapt("source_only", source["images"], source["labels"], target, **small)
    assert description(adapted.model_).start == weights_checksum(first.model_)
    assert description(adapted.model_).data == checksum({"images": target})
    assert "source_validation_accuracy" not in adapted.history_[0]
