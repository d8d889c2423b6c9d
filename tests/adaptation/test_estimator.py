"""Use from Python: arrays in, arrays out, as scikit-learn has it."""

import pickle
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from conftest import make_split
from mnistm_da import DomainAdapter, adapt, registry
from mnistm_da.adaptation import estimator
from mnistm_da.adaptation.given_arrays import as_images, divided, numbered
from mnistm_da.adaptation.models.description import description
from mnistm_da.adaptation.optimization.described import weights_checksum
from mnistm_da.adaptation.registry import ALGORITHMS, trained_in_order
from mnistm_da.errors import UserError
from mnistm_da.hashes import checksum
from mnistm_da.parameters import NetworkParams, SelectionParams, TrainingParams
from mnistm_da.pipelines.training.nodes import collect, train

SOURCE = make_split(60, channels=1, seed=0, side=16, classes=3)
TARGET = make_split(40, channels=3, seed=1, side=16, classes=3)["images"]
TWO = (np.arange(60) >= 40).astype(int)
"""Which of two sources each source image is from: 40 are from the first one."""
SMALL = {"network": {"width": 4}, "training": {"epochs": 2, "batch_size": 16}}


@pytest.fixture(scope="module")
def adapted():
    return adapt("dann", SOURCE["images"], SOURCE["labels"], TARGET, **SMALL)


def test_predictions_are_labels_and_their_probabilities(adapted):
    probabilities = adapted.predict_proba(TARGET)
    assert probabilities.shape == (40, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(adapted.classes_[probabilities.argmax(axis=1)], adapted.predict(TARGET))
    assert adapted.score(TARGET, adapted.predict(TARGET)) == 1
    assert len(adapted.transform(TARGET)) == 40
    assert [row["epoch"] for row in adapted.history_] == [1, 2]


def test_labels_are_given_back_as_they_came():
    names = np.array(["cat", "a dog", "horse"])[SOURCE["labels"]]
    adapter = adapt("source_only", SOURCE["images"], names, TARGET, **SMALL)
    assert list(adapter.classes_) == ["a dog", "cat", "horse"]
    assert set(adapter.predict(TARGET)) <= set(names)


@pytest.mark.parametrize("sources", [None, ("photos", "scans")])
def test_it_is_the_training_of_the_pipelines(sources, adapted):
    """The same splits, parameters and seed give the same weights, to the bit; with one source and with two."""
    algorithm, arrays = "dann", dict(SOURCE)
    if sources:
        algorithm, arrays["domains"] = "mdan", TWO
        given = SOURCE["images"], SOURCE["labels"], TARGET
        adapted = adapt(algorithm, *given, source_domains=np.array(sources)[TWO], **SMALL)
        assert adapted.domains_.tolist() == list(sources)
        assert {"loss/weight_photos", "loss/weight_scans"} <= adapted.history_[0].keys()
    of_source, validation = divided(arrays, adapted.validation, adapted.random_state)
    format = {"side": 16, "channels": 3, "classes": ["0", "1", "2"], "sources": sources}
    settings = NetworkParams(width=4), TrainingParams(epochs=2, batch_size=16), SelectionParams(checkpoints=1)
    more = {"format": format, "seed": 0, "device": "cpu", "resume": False, "earlier_state": lambda: None}
    more |= {"source_train": of_source, "source_validation": validation}
    *_, last = train({"images": TARGET}, {}, *settings, **more, algorithm=algorithm)
    weights = {f"2/{name}": array for name, array in adapted.model_.items() if name != "description"}
    checkpoints, *_ = collect(last)
    for name, array in weights.items():
        np.testing.assert_array_equal(array, checkpoints[name])


def test_of_several_sources_each_is_divided_by_itself():
    arrays = SOURCE | {"domains": TWO, "images": np.broadcast_to(TWO[:, None, None, None], (60, 1, 16, 16))}
    of_source, validation = divided(arrays, 0.2, seed=0)
    assert np.bincount(of_source["domains"]).tolist() == [32, 16]
    assert np.bincount(validation["domains"]).tolist() == [8, 4]
    for split in (of_source, validation):
        np.testing.assert_array_equal(split["images"][:, 0, 0, 0], split["domains"])


@pytest.mark.parametrize("domains", [np.full(60, 7), ["scans"] * 60])
def test_several_sources_of_one_name_are_one(domains):
    source, _ = DomainAdapter()._read(SOURCE["images"], SOURCE["labels"], TARGET, domains)
    assert source.keys() == {"images", "labels"}


@pytest.mark.parametrize("domains", [TWO, TWO == 1, np.array(["b", "c"])[TWO], np.array(["b", "c"], object)[TWO]])
def test_sources_are_told_apart_by_numbers_or_texts(domains):
    names, numbers = numbered(domains, 60)
    assert len(names) == 2
    assert numbers.tolist() == TWO.tolist()


def test_a_copy_predicts_the_same(adapted):
    again = pickle.loads(pickle.dumps(adapted))
    np.testing.assert_array_equal(again.predict_proba(TARGET), adapted.predict_proba(TARGET))
    assert clone(adapted).get_params() == adapted.get_params()


@pytest.mark.parametrize("use", ["copied", "trained"])
def test_it_leaves_the_callers_random_numbers_alone(adapted, use):
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    if use == "copied":
        pickle.loads(pickle.dumps(adapted))
    else:
        adapt("source_only", SOURCE["images"], SOURCE["labels"], TARGET, **SMALL)
    assert torch.rand(1) == expected


def test_the_only_image_of_a_class_is_trained_on(monkeypatch):
    """With this seed it would be held out."""
    labels = np.repeat(["a", "b", "c"], [30, 1, 29])
    adapter, seen = DomainAdapter("source_only", random_state=17, **SMALL), []
    monkeypatch.setattr(adapter, "_train", lambda name, data, *_, **__: seen.append(data) or ([], adapted_model()))
    monkeypatch.setattr(estimator, "load", lambda model: None)
    adapter.fit(SOURCE["images"], labels, TARGET)
    assert 1 in seen[0].source["labels"]
    assert len(seen[0].source["labels"]) + len(seen[0].source_validation["labels"]) == 60


def adapted_model():
    return {}


def test_what_starts_from_another_model_has_that_trained_first(adapted):
    again = adapt("noisy_student", SOURCE["images"], SOURCE["labels"], TARGET, **SMALL)
    assert description(again.model_).start == weights_checksum(adapted.model_)


def test_a_mistaken_parameter_is_told_before_another_model_is_trained(monkeypatch):
    monkeypatch.setattr(estimator, "train_described", lambda *_, **__: pytest.fail("trained"))
    with pytest.raises(ValidationError, match="nonsense"):
        adapt("noisy_student", SOURCE["images"], SOURCE["labels"], TARGET, params={"nonsense": 1}, **SMALL)


def test_what_starts_from_what_starts_from_another_is_trained_last(monkeypatch):
    chain = {"third": replace(ALGORITHMS["noisy_student"], starts_from="noisy_student")}
    monkeypatch.setattr(registry, "ALGORITHMS", ALGORITHMS | chain)
    assert trained_in_order("third") == ["dann", "noisy_student", "third"]


def test_a_seed_may_be_a_number_of_numpy():
    given = SOURCE["images"], SOURCE["labels"], TARGET
    first, again = (adapt("source_only", *given, random_state=seed, **SMALL) for seed in (np.int64(1), 1))
    assert checksum(first.model_) == checksum(again.model_)


def test_a_small_set_is_one_batch():
    adapter = adapt(
        "source_only",
        SOURCE["images"][:12],
        SOURCE["labels"][:12],
        TARGET[:5],
        network={"width": 4},
        training={"epochs": 1},
    )
    assert len(adapter.history_) == 1


@pytest.mark.parametrize("shape", [(5, 8, 8), (5, 8, 8, 1), (5, 1, 8, 8)])
@pytest.mark.parametrize("scale", [1, 255])
def test_images_are_read_in_each_form(shape, scale):
    grey = np.arange(5 * 64, dtype=np.uint8).reshape(5, 1, 8, 8)
    given = grey.reshape(shape) if scale == 1 else (grey / scale).reshape(shape)
    np.testing.assert_array_equal(as_images(given, "X"), grey)


def test_the_channels_of_colour_images_stay_in_order():
    colours = np.random.default_rng(0).integers(0, 256, (2, 3, 8, 8), dtype=np.uint8)
    np.testing.assert_array_equal(as_images(colours.transpose(0, 2, 3, 1), "X"), colours)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"X": np.zeros((60, 256), np.uint8)}, UserError, "X is (60, 256): square images are"),
        ({"X": np.zeros((60, 16, 15), np.uint8)}, UserError, "X is (60, 16, 15): square images are"),
        ({"X": np.full((60, 16, 16), np.nan)}, UserError, "X is float64: images are uint8 0–255 or floating 0–1"),
        ({"X": np.full((60, 16, 16), 3.0)}, UserError, "X is float64: images are uint8 0–255 or floating 0–1"),
        ({"X": np.zeros((60, 16, 16), np.int64)}, UserError, "X is int64"),
        ({"X_target": np.zeros((0, 16, 16), np.uint8)}, UserError, "X_target is (0, 16, 16)"),
        ({"X_target": np.zeros((9, 28, 28), np.uint8)}, UserError, "a side of 16 pixels, target images one of 28"),
        ({"y": SOURCE["labels"][:59]}, UserError, "there are 60 images, but 59 labels"),
        ({"y": np.repeat("a", 60)}, UserError, "at least two classes are needed, but all labels are 'a'"),
        ({"y": np.linspace(0, 1, 60)}, ValueError, "Unknown label type: continuous"),
        ({"X_target": TARGET[:1]}, UserError, "at least two images of each domain are needed to train on"),
        ({"X": SOURCE["images"][:2], "y": SOURCE["labels"][:2]}, UserError, "is the only one of its class, or one of"),
        ({"domains": TWO[:59]}, UserError, "there are 60 images, but 59 domains"),
        ({"domains": np.linspace(0, 1, 60)}, UserError, "domains are float64: whole numbers or texts say which"),
        ({"domains": [None] * 60}, UserError, "domains are object: whole numbers or texts say which"),
        ({"domains": np.zeros((60, 2), int)}, UserError, "domains are (60, 2): one number or text is needed for each"),
        ({"domains": ["a"] * 59 + ["b"]}, UserError, "holds out 1 of the 1 images of a source"),
        ({"algorithm": "dan"}, UserError, "dann"),
        ({"algorithm": "mme"}, UserError, "mme needs target labels"),
        ({"training": {"epoch": 1}}, ValidationError, "epoch"),
        ({"params": {"weights": 1}}, ValidationError, "weights"),
        ({"validation": 1.0}, UserError, "parameter 'validation' must be less than 1, not 1.0"),
        ({"validation": None}, UserError, "parameter 'validation' must be a valid number, not nothing"),
        ({"random_state": "a"}, UserError, "parameter 'random_state' must be a valid integer, not 'a'"),
        ({"random_state": -1}, UserError, "parameter 'random_state' must be greater than or equal to 0, not -1"),
        ({"algorithm": None}, UserError, "parameter 'algorithm' must be a valid string, not nothing"),
        ({"device": None}, UserError, "parameter 'device' must be a valid string, not nothing"),
        ({"device": "gpu"}, UserError, "there is no device 'gpu'"),
    ],
)
def test_a_mistake_is_told_before_training(change, error, message):
    data = {"X": SOURCE["images"], "y": SOURCE["labels"], "X_target": TARGET, "domains": None}
    adapter = DomainAdapter(**SMALL | {name: value for name, value in change.items() if name not in data})
    with pytest.raises(error, match=re.escape(message)):
        adapter.fit(**data | {name: value for name, value in change.items() if name in data})


def test_what_was_not_trained_predicts_nothing(adapted):
    with pytest.raises(NotFittedError):
        DomainAdapter().predict(TARGET)
    with pytest.raises(UserError, match="the model is for images of 3 × 16 × 16, but these are 1 × 28 × 28"):
        adapted.predict(np.zeros((2, 28, 28), np.uint8))


def test_it_needs_no_kedro():
    code = "import sys; from mnistm_da import adapt; sys.exit('kedro' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
