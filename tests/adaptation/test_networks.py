"""Networks by name, each for images of any format."""

import sys
from types import ModuleType

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from torch import nn

from conftest import make_split
from mnistm_da.adaptation.figures import flow
from mnistm_da.adaptation.models import inference, loading
from mnistm_da.adaptation.networks import registry
from mnistm_da.adaptation.networks.base import Architecture
from mnistm_da.adaptation.networks.registry import ARCHITECTURES, architecture_class
from mnistm_da.adaptation.optimization import loop
from mnistm_da.adaptation.optimization.batches import TrainingData
from mnistm_da.adaptation.registry import algorithm_class
from mnistm_da.domains.format import DIGITS, Format
from mnistm_da.lineage.code import fingerprint
from mnistm_da.parameters import NetworkParams, TrainingParams
from mnistm_da.pipelines.evaluation.nodes import judge, predict
from mnistm_da.pipelines.selection.nodes import validate
from mnistm_da.pipelines.training.nodes import train
from training_data import CPU, DATA, no_bar

FORMATS = (
    DIGITS,
    Format(side=32, channels=3, classes=("cat", "dog", "owl")),
    Format(side=17, channels=1, classes=("cat", "dog")),
)


class Perceptron(Architecture):
    """The whole of another architecture, as its file would hold it."""

    features = 30

    def feature_extractor(self) -> nn.Module:
        pixels = self.format.channels * self.format.side**2
        return nn.Sequential(nn.Flatten(), nn.Linear(pixels, 60), nn.ReLU(), nn.Linear(60, self.features), nn.ReLU())


@pytest.fixture
def perceptron(monkeypatch):
    """Register `Perceptron` as a file of the package would be."""
    module = ModuleType("perceptron")
    module.Perceptron = Perceptron
    monkeypatch.setitem(sys.modules, f"{registry.__package__}.perceptron", module)
    monkeypatch.setitem(ARCHITECTURES, "perceptron", "perceptron:Perceptron")


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.written())
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_network_is_as_long_as_it_says(name, form):
    architecture = architecture_class(name)(NetworkParams(), form)
    images = torch.rand(4, *form.shape)
    features = architecture.feature_extractor()(images)
    assert features.shape == (4, architecture.features)
    classifier = architecture.label_classifier()
    assert classifier.hidden(features).shape == (4, classifier.bottleneck)
    assert classifier(features).shape == (4, len(form.classes))
    made = architecture.decoder()(features)
    assert made.shape == images.shape
    assert ((made >= 0) & (made <= 1)).all()


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_images_that_are_too_small_for_a_network_are_refused(name):
    with pytest.raises(ValueError, match=f"images of 12 × 12 pixels are too small for the network '{name}'"):
        architecture_class(name)(NetworkParams(), Format(side=12, channels=3, classes=("a", "b")))


@pytest.mark.parametrize(("name", "millions"), [("compact", 11.0), ("vgg", 25.6)])
def test_a_network_does_as_many_multiplications_as_it_says(name, millions):
    extractor, done = architecture_class(name)(NetworkParams(), DIGITS).feature_extractor(), []

    def count(module, inputs, output):
        done.append(module.weight.numel() * output[0, 0].numel())

    for module in extractor.modules():
        if isinstance(module, nn.Conv2d):
            module.register_forward_hook(count)
    assert extractor(torch.rand(2, 3, 28, 28)).shape == (2, 1152)
    assert round(sum(done) / 1e6, 1) == millions
    assert f"{millions} million multiplications" in type(extractor).__doc__


def test_an_unknown_network_lists_the_known_ones():
    with pytest.raises(
        ValidationError, match=r"there is no network 'gannin'. Did you mean 'ganin'\? Known: compact, ganin, vgg"
    ):
        NetworkParams(architecture="gannin")


@pytest.mark.parametrize("network", ["perceptron", "compact"])
@pytest.mark.parametrize("name", ["dann", "cdan", "rtn", "atdoc", "drcn", "gvb", "mme", "wasserstein"])
def test_an_algorithm_takes_another_network_by_its_name(name, network, perceptron):
    length = {"perceptron": 30, "compact": 144}[network]
    network, params = NetworkParams(architecture=network, width=8), TrainingParams(epochs=1, batch_size=16)
    algorithm = loading.build(algorithm_class(name), {}, network, DIGITS, seed=0)
    for _ in loop.train(algorithm, DATA, params, seed=0, device=CPU, progress_bar=no_bar):
        pass
    logits, features = inference.predict(algorithm, make_split(5, channels=3, seed=0)["images"], CPU)
    assert (logits.shape, features.shape) == ((5, 10), (5, length))


@pytest.mark.parametrize("name", ["dann", "translation", "pixelda", "drcn", "self_training", "cdd"])
def test_an_algorithm_is_trained_on_grey_images_of_an_odd_side(name):
    form = FORMATS[2]
    own = {"width": 4} if name in ("translation", "pixelda") else {}
    algorithm = loading.build(algorithm_class(name), own, NetworkParams(width=8), form, seed=0)
    splits = [make_split(32, channels=1, seed=seed, side=17, classes=2) for seed in range(3)]
    params = TrainingParams(epochs=2, batch_size=16)
    for _ in loop.train(algorithm, TrainingData(*splits), params, seed=0, device=CPU, progress_bar=no_bar):
        pass
    logits, _ = inference.predict(algorithm, splits[0]["images"], CPU)
    assert np.isfinite(logits).all()
    assert logits.shape == (32, 2)


@pytest.mark.parametrize("node", [train, validate, judge, predict])
def test_the_code_of_the_network_and_of_one_algorithm_counts_for_what_is_made_with_it(node):
    files = fingerprint(node, "mnistm_da", "dann")
    assert {"adaptation/networks/ganin.py", "adaptation/algorithms/dann.py"} <= files.keys()
    assert "adaptation/algorithms/mmd.py" not in files


def test_a_drawing_has_the_shape_of_the_images():
    algorithm = loading.build(algorithm_class("dann"), {}, NetworkParams(), FORMATS[1], seed=0)
    shapes = [layer.shape for layer in flow.observe(algorithm, "none").layers if layer.network == "feature_extractor"]
    assert shapes[0] == (3, 32, 32)
    assert shapes[-1] == (1250,)


def test_images_of_another_format_than_the_models_are_refused():
    algorithm = loading.build(algorithm_class("dann"), {}, NetworkParams(), DIGITS, seed=0)
    with pytest.raises(ValueError, match="the model is for images of 3 × 28 × 28, but these are 3 × 32 × 32"):
        inference.predict(algorithm, make_split(2, channels=3, seed=0, side=32)["images"], CPU)
