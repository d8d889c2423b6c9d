"""What the state of a training and its checkpoints say they were made with."""

import logging

import numpy as np
import pytest
import torch

from conftest import make_split
from mnistm_da.adaptation.models import checkpoints
from mnistm_da.adaptation.models.description import description
from mnistm_da.adaptation.optimization.described import weights_checksum
from mnistm_da.domains.format import DIGITS
from mnistm_da.errors import UserError
from mnistm_da.parameters import FewLabelsParams, SelectionParams, TitleParams, TrainingParams
from mnistm_da.pipelines.selection.nodes import spread, validate
from mnistm_da.pipelines.training.nodes import collect
from training_data import SMALL, states

FEW_LABELS = FewLabelsParams(setting="supervised", per_class=2)


def test_an_algorithm_can_have_a_length_of_its_own():
    found = states("source_only", params={"epochs_factor": 3})
    assert ["finished" in state for state in found] == [False, False, True]
    made_with = description(found[-1])
    assert (made_with.params["epochs_factor"], made_with.training.epochs) == (3, 3)
    rates = collect(found[-1])[1]["learning_rate"]
    assert rates.is_monotonic_decreasing  # the decay is of all three
    assert len(states("source_only", params={"epochs_factor": 0.1})) == 1  # at least one
    assert description(states("source_only")[-1]).params == {"epochs_factor": None, "average": None}


def test_an_algorithm_can_have_an_average_of_its_own():
    asked = TrainingParams(epochs=1, batch_size=16, average=0.5)
    for name, own, expected in (
        ("source_only", {}, 0.5),
        ("source_only", {"average": 0.9}, 0.9),
        ("source_only", {"average": 0}, 0),
        ("adamatch", {}, 0.999),
    ):
        assert description(states(name, params=own, training=asked)[-1]).training.average == expected


@pytest.mark.parametrize(("name", "few_labels"), [("source_few_labels", FEW_LABELS), ("source_only", None)])
def test_the_number_of_target_labels_is_recorded_where_there_are_any(name, few_labels):
    few = {"target_few_labelled": make_split(20, channels=3, seed=2)} if few_labels else {}
    [state] = states(name, few_labels=few_labels, **few)
    assert description(state).few_labels == few_labels


def test_the_state_of_a_finished_training_holds_its_checkpoints_and_no_further_copy_of_the_weights():
    unfinished, finished = states("dann", params={"epochs_factor": 2})
    assert any(name.startswith("networks/") for name in unfinished)
    assert {name.partition("/")[0] for name in finished} == {"kept", "history", "finished", "description", "device"}
    kept, *_ = collect(finished)
    assert checkpoints.checkpoint_epochs(kept) == [1, 2]
    assert description(kept) == description(finished)


def test_a_validator_that_needs_more_images_is_named_with_the_reason(caplog):
    caplog.set_level(logging.WARNING, "mnistm_da")
    kept, *_ = collect(states("source_only", network=SMALL)[-1])
    few, source = make_split(5, channels=3, seed=2), make_split(5, channels=1, seed=3)
    scores = validate(
        kept, {"images": few["images"]}, SelectionParams(), "cpu", source, only=("class_cluster", "entropy")
    )
    reason = "it needs at least 10 target validation images, and there are 5"
    assert caplog.messages == [f"validator 'class_cluster' is not available for source_only: {reason}"]
    assert scores["class_cluster"].isna().all()
    assert scores["entropy"].notna().all()


@pytest.mark.parametrize(("told", "lower"), [({"amx_bf16": True}, "bfloat16"), ({}, "float32")])
def test_a_model_says_in_which_precision_it_was_trained(monkeypatch, told, lower):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: told, raising=False)
    [state] = states("source_only", training=TrainingParams(epochs=1, batch_size=16, precision="auto"))
    assert description(state).training.precision == lower
    [exact] = states("wasserstein", training=TrainingParams(epochs=1, batch_size=16, precision="auto"))
    assert description(exact).training.precision == "float32"


def test_a_training_that_came_to_its_end_is_not_repeated(caplog):
    caplog.set_level(logging.INFO)
    [end] = states("source_only")
    caplog.clear()
    [again] = states("source_only", resume=True, earlier_state=lambda: end)
    assert again is end
    assert [record.getMessage() for record in caplog.records] == ["source_only was trained before, epochs: 1"]


def test_one_with_other_settings_that_came_to_its_end_is_no_stopped_one(caplog):
    """It is the newest there is, where a run with another seed was stopped before it trained this algorithm."""
    [end] = states("source_only")
    [again] = states("source_only", resume=True, earlier_state=lambda: end, seed=5)
    assert description(again).seed == 5
    assert "came to its end with other settings (seed 0 → 5): beginning anew" in caplog.text
    stopped = {name: array for name, array in end.items() if name != "finished"}
    with pytest.raises(UserError, match=r"cannot be continued with other settings \(seed 0 → 5"):
        states("source_only", resume=True, earlier_state=lambda: stopped, seed=5)


def test_one_whose_classes_have_other_names_is_not_gone_on_with():
    [end] = states("source_only")
    stopped = {name: array for name, array in end.items() if name != "finished"}
    renamed = DIGITS.model_copy(update={"classes": tuple("abcdefghij")})
    with pytest.raises(UserError, match=r"other settings \(format\.classes "):
        states("source_only", resume=True, earlier_state=lambda: stopped, format=renamed.model_dump())


def test_validators_look_at_images_of_every_part_of_a_split(monkeypatch):
    """The first ones would be of the first source or classes alone."""
    seen = []
    monkeypatch.setattr(
        "mnistm_da.adaptation.measures.validators.validate",
        lambda source, target, only: seen.append(source.labels.tolist()) or {},
    )
    kept, *_ = collect(states("source_only", network=SMALL)[-1])
    source = make_split(120, channels=1, seed=3) | {"labels": np.repeat([0, 1], 60)}
    target = {"images": make_split(120, channels=3, seed=2)["images"]}
    validate(kept, target, SelectionParams(samples=50), "cpu", source)
    assert seen == [[0] * 25 + [1] * 25]
    assert spread(10, 20).tolist() == [*range(10)]
    chosen = spread(6729, 2000)
    assert len(set(chosen)) == 2000
    assert np.count_nonzero(chosen >= 6000) == pytest.approx(2000 * 729 / 6729, abs=1)


def test_a_training_goes_on_whatever_its_start_says_of_itself_but_not_from_other_weights():
    """Other titles, say: the checksum of the start is of the weights alone."""
    [trained] = states("dann", network=SMALL)
    start = checkpoints.pick(collect(trained)[0], 1, selected_by="last")
    of = {"network": SMALL, "training": TrainingParams(epochs=2, batch_size=16), "resume": True}
    stopped, whole = states("noisy_student", start_model=start, **of)
    titled = start | description(start).model_copy(update={"titles": TitleParams(source="a", target="b")}).as_arrays()
    [again] = states("noisy_student", start_model=titled, earlier_state=lambda: stopped, **of)
    assert weights_checksum(collect(again)[0]) == weights_checksum(collect(whole)[0])
    name = next(name for name in start if name != "description" and start[name].dtype == np.float32)
    with pytest.raises(ValueError, match=r"start [0-9]+ → "):
        states("noisy_student", start_model=start | {name: start[name] + 1}, earlier_state=lambda: stopped, **of)


def test_a_training_that_other_code_stopped_is_not_continued():
    [state] = states("source_only")
    del state["description"]
    with pytest.raises(ValueError, match="was saved by earlier code"):
        states("source_only", resume=True, earlier_state=lambda: state)
