import json

import numpy as np
import pytest
import torch

from mnistm_da.adaptation import models
from mnistm_da.adaptation.registry import algorithm_class
from mnistm_da.adaptation.training_record import as_trained, epoch_of, recorded
from mnistm_da.parameters import NetworkParams, TrainingParams

MADE_WITH = {"seed": 4, "data": 1, "dann.discriminator_width": 7, "network.instance_norm": False, "training.epochs": 3}


def fresh(seed):
    algorithm = models.build(
        algorithm_class("dann"), {"discriminator_width": 7}, NetworkParams(instance_norm=False), TrainingParams(), seed
    )
    return algorithm, models.weights(algorithm)


def state(kept, **more):
    rows = json.dumps([{"epoch": epoch} for epoch in kept]).encode()
    arrays = {f"kept/{epoch}/{name}": array for epoch, of in kept.items() for name, array in of.items()}
    as_bytes = {"made_with": json.dumps(MADE_WITH | more).encode(), "history": rows}
    return arrays | {name: np.frombuffer(text, dtype=np.uint8) for name, text in as_bytes.items()}


def test_a_model_is_rebuilt_with_what_it_was_trained_with():
    """Without instance norm, which has no weights that would not fit."""
    original, weights = fresh(seed=0)
    again = as_trained("dann", weights, state({1: fresh(1)[1], 2: weights}))
    images = torch.rand(4, 3, 28, 28)
    for algorithm in (original, again):
        algorithm.networks.eval()
    assert torch.equal(original.logits(images), again.logits(images))
    assert again.params.discriminator_width == 7
    assert recorded(state({1: weights})) == MADE_WITH


def test_a_model_with_parameters_of_earlier_code_is_to_be_trained_again():
    weights = fresh(seed=0)[1]
    with pytest.raises(ValueError, match=r"dann was trained with other code: train it again"):
        as_trained("dann", weights, state({1: weights}, **{"dann.speed": 3}))


def test_the_epoch_of_a_model_is_found():
    first, second, other = (fresh(seed)[1] for seed in (1, 2, 3))
    assert epoch_of(first, state({2: first, 4: second})) == 2
    assert epoch_of(second, state({2: second, 4: second})) == 4
    with pytest.raises(ValueError, match="not of the newest training"):
        epoch_of(other, state({2: first, 4: second}))
