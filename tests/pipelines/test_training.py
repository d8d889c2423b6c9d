"""What the state of a training says it was made with."""

import pytest

from conftest import make_split
from mnistm_da.adaptation.training_record import recorded
from mnistm_da.parameters import FewLabelsParams, NetworkParams, SelectionParams, TrainingParams
from mnistm_da.pipelines.training.nodes import collect, train

FEW_LABELS = FewLabelsParams(setting="supervised", per_class=2)


def states(name, **more):
    """Train for one epoch on small splits."""
    source = make_split(64, channels=1, seed=0)
    common = {
        "source_train": source,
        "source_validation": source,
        "target_train": {"images": make_split(64, channels=3, seed=1)["images"]},
        "params": {},
        "network": NetworkParams(),
        "training": TrainingParams(epochs=1, batch_size=16),
        "selection": SelectionParams(),
        "seed": 0,
        "device": "cpu",
        "resume": False,
        "earlier_state": lambda: None,
    }
    return list(train(**common | more, algorithm=name))


def test_an_algorithm_can_have_a_length_of_its_own():
    found = states("source_only", params={"epochs_factor": 3})
    assert ["finished" in state for state in found] == [False, False, True]
    assert recorded(found[-1])["source_only.epochs_factor"] == 3
    rates = collect(found[-1])[1]["learning_rate"]
    assert rates.is_monotonic_decreasing  # the decay is of all three
    assert len(states("source_only", params={"epochs_factor": 0.1})) == 1  # at least one
    assert "source_only.epochs_factor" not in recorded(states("source_only")[-1])


@pytest.mark.parametrize(("name", "few_labels"), [("source_few_labels", FEW_LABELS), ("source_only", None)])
def test_the_number_of_target_labels_is_recorded_where_there_are_any(name, few_labels):
    few = {"target_few_labelled": make_split(20, channels=3, seed=2)} if few_labels else {}
    [state] = states(name, few_labels=few_labels, **few)
    labels = {key: value for key, value in recorded(state).items() if key.startswith("few_labels.")}
    assert labels == ({"few_labels.setting": "supervised", "few_labels.per_class": 2} if few_labels else {})
