"""What a saved model says of itself, and that it is made again from that alone."""

import json

import numpy as np
import pytest
import torch

from mnistm_da.adaptation.models import checkpoints, loading
from mnistm_da.adaptation.models.description import NAME, Description, description
from mnistm_da.adaptation.registry import ALGORITHMS, algorithm_class
from mnistm_da.domains.format import DIGITS
from mnistm_da.parameters import FewLabelsParams, NetworkParams, TrainingParams


def described(name="dann", **more):
    own = algorithm_class(name).Params(**more.pop("params", {}))
    facts = {"network": NetworkParams(), "format": DIGITS, "training": TrainingParams(epochs=3)}
    facts |= {"seed": 4, "data": 1, "checkpoints": 2}
    return Description(algorithm=name, params=own.model_dump(), **facts | more)


def untrained(made_with, seeds=(0, 1)):
    """Freshly initialised weights in the place of trained ones, of an epoch for each seed."""
    arrays = made_with.as_arrays()
    for epoch, seed in enumerate(seeds, 1):
        make = algorithm_class(made_with.algorithm)
        fresh = loading.weights(loading.build(make, made_with.params, made_with.network, made_with.format, seed))
        arrays |= {f"{epoch}/{name}": array for name, array in fresh.items()}
    return arrays


def test_a_model_is_made_again_from_itself_alone():
    """Without instance norm, which has no weights that would not fit."""
    network = NetworkParams(instance_norm=False)
    made_with = described(params={"discriminator_width": 7}, network=network)
    original = loading.build(algorithm_class("dann"), made_with.params, network, DIGITS, seed=1)
    again = loading.load(checkpoints.pick(untrained(made_with), 2))
    images = torch.rand(4, 3, 28, 28)
    for algorithm in (original, again):
        algorithm.networks.eval()
    assert torch.equal(original.logits(images), again.logits(images))
    assert again.params.discriminator_width == 7


def test_a_parameter_of_none_is_none_again():
    made_with = described("champion", params={"views": None, "architecture": None})
    again = loading.load(checkpoints.pick(untrained(made_with, seeds=[0]), 1))
    assert (again.params.views, again.params.architecture) == (None, None)
    assert again.views == "one"
    assert "champion.views" not in made_with.flat()


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_model_to_be_used_has_no_optimizer(name):
    algorithm = loading.load(checkpoints.pick(untrained(described(name), seeds=[0]), 1))
    assert not algorithm.optimizers
    assert not algorithm.memory
    assert not hasattr(algorithm, "hook")
    algorithm.prepare(TrainingParams())
    count = len(algorithm.optimizers)
    algorithm.prepare(TrainingParams())
    assert len(algorithm.optimizers) == count > 0


def test_a_model_says_which_epoch_it_is_of_and_why():
    model = checkpoints.pick(untrained(described()), 2, selected_by="im")
    found = description(model)
    assert (found.epoch, found.selected_by, found.seed) == (2, "im", 4)
    assert checkpoints.checkpoint_epochs(untrained(described())) == [1, 2]


def test_what_a_model_was_made_with_has_the_names_of_the_command_line():
    few = FewLabelsParams(per_class=3)
    found = described("mmd_few_labels", params={"weight": 2.0, "epochs_factor": 3}, few_labels=few).flat()
    expected = {"mmd_few_labels.weight": 2.0, "mmd_few_labels.epochs_factor": 3, "network.dropout": 0.5, "seed": 4}
    expected |= {"training.epochs": 3, "few_labels.per_class": 3, "selection.checkpoints": 2}
    assert found.items() >= expected.items()
    assert "selection.by" not in found


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda made_with: made_with.pop("seed"), r"other code \(seed: Field required\): train it again"),
        (lambda made_with: made_with["network"].update(colour=1), r"other code \(network\.colour: .*: train it again"),
        (lambda made_with: made_with["params"].update(speed=1), r"(?s)dann was trained by other code: .*speed"),
    ],
)
def test_a_model_of_other_code_is_to_be_trained_again(change, message):
    made_with = described().model_dump(mode="json")
    change(made_with)
    model = checkpoints.pick(untrained(described()), 1) | {
        NAME: np.frombuffer(json.dumps(made_with).encode(), np.uint8)
    }
    with pytest.raises(ValueError, match=message):
        loading.load(model)


def test_a_model_without_a_description_is_to_be_trained_again():
    model = checkpoints.pick(untrained(described()), 1)
    del model[NAME]
    with pytest.raises(ValueError, match="does not say what it was made with: train it again"):
        loading.load(model)


def test_a_model_of_another_algorithm_is_refused():
    with pytest.raises(ValueError, match="this model of mmd is one of dann: train mmd again"):
        loading.load(checkpoints.pick(untrained(described()), 1), "mmd")
