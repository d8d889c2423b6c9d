"""Every unit of a benchmark is run once, and goes on where it was stopped."""

import json
import re
from importlib.metadata import version
from unittest.mock import Mock

import numpy as np
import pytest
from pydantic import ValidationError

from benchmark_here import run, states_in
from benchmark_parameters import PARAMETERS
from mnistm_da.adaptation.measures.validators import VALIDATORS
from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.errors import UserError
from mnistm_da.hooks.tracking import UNITS
from mnistm_da.launchers import Unit
from mnistm_da.lineage.trace import commit
from mnistm_da.parameters import BenchmarkParams
from mnistm_da.pipelines.benchmark.names import result_name
from mnistm_da.pipelines.benchmark.stopped import Stoppable, origin_of
from mnistm_da.pipelines.benchmark.table import tabulate
from mnistm_da.viz.anonymous import traces


def test_every_run_is_made_once_and_tabulated(domains, tmp_path):
    of = BenchmarkParams(algorithms="source_only dann", seeds="0 1")
    first, left = run(tmp_path, domains, of, records=1)
    assert [name.rsplit(".", 1)[0] for name in first] == ["source_only.seed0"]
    assert left == list(first), "killed between record and removal"
    records, states = run(tmp_path, domains, of)
    assert len(records) == 4
    assert records.items() >= first.items()
    assert states == []
    assert run(tmp_path, domains, of) == (records, [])
    assert all(record["parameters"]["training"]["batch_size"] == 16 for record in records.values())
    for record in records.values():
        assert record["judged"]["epoch"] == [1, 2]
        assert record["judged"]["target_test_accuracy"][1] == record["target_test"]["accuracy"]
        assert set(record["judged"]) == {"epoch", "target_test_accuracy", *VALIDATORS}
        assert record["made_with"]["libraries"]["torch"] == version("torch")
        assert record["made_with"]["commit"] == commit()
    assert traces(json.dumps(records), tmp_path, {}) == []  # they are published
    for name, record in records.items():
        UNITS["benchmark_runs"](told := Mock(), name, record, {})
        assert told.end.call_args.args == (name, "FINISHED"), "MLflow can be told of them"
    table = tabulate(records, PARAMETERS)
    assert list(table["algorithm"]) == ["source_only", "dann"]
    assert list(table["seeds"]) == [2, 2]
    found = [record["target_test"]["accuracy"] for record in records.values() if record["algorithm"] == "dann"]
    assert table["last"][1] == pytest.approx(np.mean(found))
    assert table["last_deviation"][1] == pytest.approx(np.std(found, ddof=1))


@pytest.mark.parametrize(
    ("epochs", "said"), [(1, "dann was stopped: going on after epoch 1"), (2, "dann was trained before, epochs: 2")]
)
def test_a_stopped_run_goes_on_to_the_same_scores(domains, tmp_path, caplog, epochs, said):
    of = BenchmarkParams(algorithms="dann", seeds="0")
    [whole] = run(tmp_path / "whole", domains, of)[0].values()
    records, states = run(tmp_path, domains, of, epochs=epochs)
    assert records == {}
    assert states == [result_name("dann", 0, PARAMETERS)]
    with caplog.at_level("INFO"):
        [continued] = run(tmp_path, domains, of)[0].values()
    assert said in caplog.text
    assert whole | {"timing": None} == continued | {"timing": None}
    assert len(continued["timing"]["epochs"]) == 2


STUDENT = BenchmarkParams(algorithms="noisy_student", seeds="0")
OF_STUDENT = PARAMETERS | {"noisy_student": {}}
STATE = result_name("noisy_student", 0, OF_STUDENT)


@pytest.mark.parametrize(
    ("epochs", "left", "said", "trained"),
    [
        (1, [f"{STATE}.dann"], ["dann was stopped: going on after epoch 1"], {"dann", "noisy_student"}),
        (
            3,
            [STATE, f"{STATE}.dann"],
            ["dann was trained before, epochs: 2", "noisy_student was stopped: going on after epoch 1"],
            {"noisy_student"},
        ),
    ],
)
def test_a_stopped_unit_does_not_train_again_what_it_starts_from(
    domains, tmp_path, caplog, epochs, left, said, trained
):
    """`dann` has two epochs, then the student."""
    [whole] = run(tmp_path / "whole", domains, STUDENT, parameters=OF_STUDENT)[0].values()
    records, states = run(tmp_path, domains, STUDENT, epochs=epochs, parameters=OF_STUDENT)
    assert (records, sorted(states)) == ({}, left)
    with caplog.at_level("INFO"):
        caplog.clear()
        found, states = run(tmp_path, domains, STUDENT, parameters=OF_STUDENT)
    assert all(text in caplog.text for text in said)
    assert set(re.findall(r"training (\w+) for \d", caplog.text)) == trained
    [continued] = found.values()
    assert states == []
    assert whole | {"timing": None} == continued | {"timing": None}


def test_who_listens_hears_of_epochs_of_what_a_unit_starts_from(tmp_path):
    """Or a worker that is to stop would train it to its end."""
    told, states = [], states_in(tmp_path).load()
    unit = Unit(STATE, "noisy_student", 0)
    Stoppable(unit, states, origin_of({}, {}), lambda *about: told.append(about)).keep("dann", {"x": np.zeros(1)})
    assert (told, states.names()) == ([(0, 0, 0.0)], [f"{STATE}.dann"])


def test_all_states_that_a_killed_unit_left_are_removed(domains, tmp_path):
    """Killed between its result and their removal."""
    found, states = run(tmp_path, domains, STUDENT, records=1, parameters=OF_STUDENT)
    assert (list(found), sorted(states)) == ([STATE], [STATE, f"{STATE}.dann"])
    assert run(tmp_path, domains, STUDENT, parameters=OF_STUDENT) == (found, [])


def test_a_state_of_other_data_or_of_unknown_origin_begins_anew(domains, tmp_path, caplog):
    run(tmp_path, domains, STUDENT, epochs=3, parameters=OF_STUDENT)
    states = states_in(tmp_path).load()
    student, dann = states.load(STATE), states.load(f"{STATE}.dann")
    states.save(STATE, student | {"origin": student["origin"][:-1]})
    states.save(f"{STATE}.dann", {name: array for name, array in dann.items() if name != "origin"})
    with caplog.at_level("INFO"):
        caplog.clear()
        run(tmp_path, domains, STUDENT, parameters=OF_STUDENT)
    for name in ("dann", "noisy_student"):
        assert f"the training of {name} for {STATE} was stopped, but its code or data were others" in caplog.text
    assert set(re.findall(r"training (\w+) for \d", caplog.text)) == {"dann", "noisy_student"}


def test_more_labels_than_there_are_images_are_refused_before_anything_is_trained(domains, tmp_path):
    parameters = PARAMETERS | {"dann_few_labels": {}, "few_labels": {"per_class": 13}}
    of = BenchmarkParams(algorithms="source_only dann_few_labels", seeds="0")
    with pytest.raises(ValueError, match="13"):
        run(tmp_path, domains, of, parameters=parameters)
    assert not list(tmp_path.iterdir())


def test_a_run_stopped_with_other_photos_begins_anew(domains, tmp_path, caplog):
    of = BenchmarkParams(algorithms="dann", seeds="0")
    *others, photos = domains
    run(tmp_path, (*others, photos | {"train_pixels": photos["train_pixels"][::-1]}), of, epochs=1)
    [anew] = run(tmp_path, domains, of)[0].values()
    assert "its code or data were others" in caplog.text
    [whole] = run(tmp_path / "whole", domains, of)[0].values()
    assert whole | {"timing": None} == anew | {"timing": None}


def test_results_of_another_pair_of_domains_are_refused(domains, tmp_path):
    """They would have the same name, or be rows of the same table."""
    made = run(tmp_path, domains, BenchmarkParams(algorithms="source_only", seeds="0"))
    source, target, labels, photos = domains
    other = {**labels, "train_labels": labels["train_labels"][::-1]}
    for of in ("source_only", "dann"):
        with pytest.raises(
            UserError, match=r"^benchmark_runs has 1 result .* such as source_only\.seed0.* \(target_labels\), and"
        ):
            run(tmp_path, (source, target, other, photos), BenchmarkParams(algorithms=of, seeds="0"))
    assert run(tmp_path, domains, BenchmarkParams(algorithms="source_only", seeds="0")) == made


def test_a_record_of_other_photos_is_kept_and_named(domains, tmp_path, caplog):
    of = BenchmarkParams(algorithms="source_only", seeds="0")
    made = run(tmp_path, domains, of)
    assert run(tmp_path, domains, of) == made
    assert "was made with other" not in caplog.text
    *others, photos = domains
    assert run(tmp_path, (*others, photos | {"train_pixels": photos["train_pixels"][::-1]}), of) == made
    assert "was made with other data (photos): delete that result" in caplog.text


def test_all_algorithms_have_a_name_together():
    assert BenchmarkParams(algorithms="all", seeds="0").algorithms == list(ALGORITHMS)


def test_mistakes_are_named():
    with pytest.raises(ValidationError, match="Did you mean 'dann'"):
        BenchmarkParams(algorithms="dan", seeds="0")
    with pytest.raises(ValidationError, match="seeds"):
        BenchmarkParams(algorithms="dann", seeds="zero")
