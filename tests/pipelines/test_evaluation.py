"""Scores of saved predictions, those of an earlier version too."""

import logging

import numpy as np
import pandas as pd
import pytest

from conftest import make_split
from mnistm_da.adaptation.measures.estimates import estimated_accuracy
from mnistm_da.adaptation.measures.validators import VALIDATORS
from mnistm_da.adaptation.models.checkpoints import pick
from mnistm_da.adaptation.models.description import description
from mnistm_da.adaptation.optimization import state
from mnistm_da.pipelines.evaluation.nodes import evaluate
from training_data import SMALL, states

RNG = np.random.default_rng(0)
PROBABILITIES = {name: RNG.dirichlet(np.ones(10), 30) for name in ("source", "target", "source_validation")}
FEATURES = {name: RNG.normal(size=(30, 4)) for name in ("source", "target")}
SPLIT = make_split(30, channels=3, seed=2)
JUDGED = pd.DataFrame({"epoch": [1], "target_test_accuracy": [0.5]} | {name: [1.0] for name in VALIDATORS})


@pytest.fixture(scope="module")
def model():
    [*_, last] = states("source_only", network=SMALL)
    return pick(state.kept(last) | description(last).as_arrays(), 1)


def scores(model, probabilities):
    return evaluate(model, probabilities, FEATURES, SPLIT, SPLIT, SPLIT, JUDGED[["epoch"]], JUDGED)


def test_predictions_that_an_earlier_version_saved_are_scored_without_an_estimate(model, caplog):
    caplog.set_level(logging.WARNING, "mnistm_da")
    known = scores(model, PROBABILITIES)
    assert known["estimated_accuracy"] == estimated_accuracy(
        SPLIT["labels"], PROBABILITIES["source_validation"], PROBABILITIES["target"]
    )
    assert not caplog.messages
    earlier = {name: PROBABILITIES[name] for name in ("source", "target")}
    assert scores(model, earlier) == {name: value for name, value in known.items() if name != "estimated_accuracy"}
    [said] = caplog.messages
    assert "the target accuracy is not estimated" in said
    assert said.endswith("--from-nodes=source_only.predict")
