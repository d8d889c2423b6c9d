"""A training that diverges says where; optimization/test_loop.py has the plain cases."""

import math

import pytest
import torch

from mnistm_da.adaptation.algorithms.bounds import SourceOnly
from mnistm_da.adaptation.models import loading
from mnistm_da.adaptation.optimization import loop
from mnistm_da.domains.format import DIGITS
from mnistm_da.parameters import NetworkParams, TrainingParams
from training_data import CPU, DATA, no_bar

PARAMS = TrainingParams(epochs=2, batch_size=16)


class Slipping(SourceOnly):
    """Spoils a weight in epoch 2 (of four steps), and does what ``then`` says."""

    then = ""

    def step(self, batch, progress):
        at = round(progress * 2 * 4)
        if at == {"at the end": 7, "mistake": None}.get(self.then, 5):
            with torch.no_grad():
                self.classifier.last.weight[0, 0] = math.nan
        if at == 6 and self.then == "refuse":
            raise torch.linalg.LinAlgError("cannot decompose what is not finite")
        if at == 6 and self.then == "mistake":
            raise ValueError("a mistake of its own")
        terms = {"second": torch.tensor(math.nan if at >= 6 and self.then == "in order" else 1.0)}
        return terms | {"first": torch.tensor(math.nan if at >= 5 and self.then == "in order" else 1.0)}


@pytest.mark.parametrize(
    ("then", "message"),
    [
        ("in order", "in step 2 of epoch 2: loss term first is not finite"),
        ("refuse", "by step 3 of epoch 2: there are weights that are not finite"),
        ("at the end", "by step 4 of epoch 2: there are weights that are not finite"),
    ],
)
def test_divergence_is_told_wherever_it_shows_first(then, message):
    algorithm = loading.build(Slipping, {}, NetworkParams(), DIGITS, 0)
    algorithm.then = then
    training_run = loop.train(algorithm, DATA, PARAMS, seed=0, device=CPU, progress_bar=no_bar)
    next(training_run)
    with pytest.raises(FloatingPointError, match=message):
        next(training_run)


def test_another_mistake_in_a_step_is_not_called_divergence():
    algorithm = loading.build(Slipping, {}, NetworkParams(), DIGITS, 0)
    algorithm.then = "mistake"
    training_run = loop.train(algorithm, DATA, PARAMS, seed=0, device=CPU, progress_bar=no_bar)
    with pytest.raises(ValueError, match="a mistake of its own"):
        list(training_run)
