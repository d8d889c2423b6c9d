"""The moving average of the weights: its values, the part that is saved, and that a stopped training goes on with
it."""

import numpy as np
import pytest
import torch

from mnistm_da.adaptation.models import loading
from mnistm_da.adaptation.models.checkpoints import checkpoint
from mnistm_da.adaptation.optimization import loop, state
from mnistm_da.adaptation.optimization.averaging import NAME, WeightAverage
from mnistm_da.adaptation.registry import algorithm_class
from mnistm_da.domains.format import DIGITS
from mnistm_da.parameters import AugmentationParams, NetworkParams, TrainingParams
from training_data import CPU, DATA, no_bar

PARAMS = TrainingParams(
    epochs=3, batch_size=16, precision="float32", average=0.9, augmentation=AugmentationParams(shift=2.0, polarity=0.5)
)


def made(name="dann"):
    algorithm = loading.build(algorithm_class(name), {}, NetworkParams(width=8), DIGITS, seed=0)
    algorithm.prepare(PARAMS)
    return algorithm


def states(algorithm, stopped=None, params=PARAMS):
    return list(
        loop.train(algorithm, DATA, params, seed=0, device=CPU, progress_bar=no_bar, checkpoints=3, stopped=stopped)
    )


def test_it_is_the_mean_at_first_and_then_follows_with_its_momentum():
    algorithm = made("source_only")
    average, weight = WeightAverage(algorithm, 0.95), algorithm.classifier.last.weight
    expected, values = None, np.random.default_rng(0).normal(size=300)
    for step, value in enumerate(values):
        with torch.no_grad():
            weight.fill_(value)
        average.update()
        momentum = min(0.95, step / (step + 9))
        expected = value if expected is None else momentum * expected + (1 - momentum) * value
    with average.in_networks():
        np.testing.assert_allclose(weight.detach().numpy(), expected, rtol=1e-4, atol=1e-5)
    assert (weight == values[-1]).all(), "training goes on with its own weights"


def test_without_a_momentum_there_is_none():
    algorithm = made("source_only")
    average = WeightAverage(algorithm, 0.0)
    average.update()
    with average.in_networks():
        assert NAME not in algorithm.memory


@pytest.mark.parametrize("name", ["dann", "mcd", "gvb", "mme", "adabn", "dirt_t"])
def test_the_average_is_what_is_kept(name):
    algorithm = made(name)
    *_, last = states(algorithm)
    kept = checkpoint(state.kept(last), 3)
    trained = loading.weights(algorithm)
    assert kept.keys() == trained.keys()
    assert any(not np.array_equal(kept[key], trained[key]) for key in kept)
    if name != "adabn":  # which has other statistics besides
        for key, array in algorithm.memory[NAME].module.state_dict().items():
            np.testing.assert_array_equal(kept[key], array)


def test_a_stopped_training_goes_on_to_the_same_average():
    first, _, last = states(made())
    *_, again = states(made(), stopped=first)
    assert last.keys() == again.keys()
    for key in last.keys() - {"history"}:
        np.testing.assert_array_equal(last[key], again[key], err_msg=key)
