"""Trials as units of work: sent elsewhere, stopped, pruned and failed."""

import pickle
from dataclasses import replace

import pytest
import torch
from kedro.io import DatasetError

from made_up_pair import made_up_pair
from mnistm_da import launchers
from mnistm_da.datasets.folders import States
from mnistm_da.errors import UserError
from mnistm_da.parameters import TuneParams
from mnistm_da.pipelines.tuning.names import named
from mnistm_da.pipelines.tuning.nodes import curves_before
from search_here import THESE, records_in, run


def test_trials_can_be_sent_to_another_process(tmp_path, monkeypatch, searched):
    """As names and parameters; there, they save their records. One that was stopped goes on, to the same record."""

    def elsewhere(units, work, params):
        sent = pickle.dumps((units, work))
        assert len(sent) < 40_000
        units, work = pickle.loads(sent)
        assert work.misfits() == []
        assert replace(work, optuna="0.1").misfits() == [f"optuna is {work.optuna} there and 0.1 here"]
        assert replace(work, optuna="0.1", tune=work.tune.model_copy(update={"pruner": "none"})).misfits() == []
        for unit in units:
            yield unit, work(unit)

    monkeypatch.setitem(launchers.LAUNCHERS, "elsewhere", elsewhere)
    _, records = run(tmp_path, launcher="elsewhere", at_once=1)
    for name, record in records.items():
        assert record | {"seconds": 0} == searched[2][name] | {"seconds": 0}


class Stopped(BaseException):
    """As Ctrl-C in the middle of a training."""


def test_a_stopped_trial_goes_on_after_its_last_epoch(tmp_path, monkeypatch, caplog, searched):
    """And is first asked whether it is to be pruned there: it was stopped before that."""
    save, asked = States.save, []

    def save_and_stop(self, name, state):
        save(self, name, state)
        raise Stopped

    def note(earlier, curve, epochs):
        asked.append((len(earlier), sorted(curve)))
        return False

    monkeypatch.setattr("mnistm_da.pipelines.tuning.under_way.is_to_be_pruned", note)

    with monkeypatch.context() as patch, pytest.raises(Stopped):
        patch.setattr(States, "save", save_and_stop)
        run(tmp_path)
    with caplog.at_level("INFO"):
        _, records = run(tmp_path)
    assert "going on after epoch 1" in caplog.text
    assert asked == [(0, [1]), (1, [1])]
    for name, record in records.items():
        assert record | {"seconds": 0} == searched[2][name] | {"seconds": 0}


def test_a_trial_is_pruned_by_the_trials_before(tmp_path, monkeypatch):
    asked = []

    def prune(earlier, curve, epochs):
        asked.append((len(earlier), sorted(curve), epochs))
        return len(earlier) == 1

    monkeypatch.setattr("mnistm_da.pipelines.tuning.under_way.is_to_be_pruned", prune)
    _, records = run(tmp_path)
    assert [record["state"] for record in records.values()] == ["complete", "pruned"]
    assert asked == [(0, [1], 2), (1, [1], 2)]
    [_, pruned] = records.values()
    assert list(pruned["curve"]) == ["1"]
    assert pruned["score"] is None
    assert States(tmp_path / "models").names() == [name for name, one in records.items() if one["state"] == "complete"]


def test_a_trial_is_compared_with_those_before_its_group():
    records = {2: {"state": "complete", "curve": {"1": 0.2}}, 0: {"state": "complete", "curve": {"1": 0.1}}}
    records[1] = {"state": "pruned", "curve": {"1": 0.0}}
    assert curves_before(2, records) == [{"1": 0.1}], "not with what had ended of the group that begins there"
    assert curves_before(3, records) == [{"1": 0.1}, {"1": 0.2}]


@pytest.mark.parametrize(("pruner", "sent"), [("median", [0, 1, 2]), ("none", [0, 0, 0])])
def test_earlier_scores_are_sent_where_a_pruner_asks_for_them(tmp_path, monkeypatch, pruner, sent):
    seen = []

    def ends_at_once(units, work, params):
        seen.append(len(work.earlier))
        for unit in units:
            scores = {"score": 0.5, "guard": 1.0, "curve": {"1": 0.5}}
            yield unit, work.failed(unit, launchers.Failure("none")) | {"state": "complete"} | scores

    monkeypatch.setitem(launchers.LAUNCHERS, "ends_at_once", ends_at_once)
    run(tmp_path, launcher="ends_at_once", pruner=pruner, trials=3, at_once=1)
    assert seen == sent


def test_the_first_trial_must_not_fail(tmp_path, monkeypatch):
    def fails(units, work, params):
        yield from ((unit, launchers.Failure("Traceback\nValueError: no", of_unit=True)) for unit in units)

    monkeypatch.setitem(launchers.LAUNCHERS, "fails", fails)
    with pytest.raises(UserError, match="first trial, with the parameters to begin with, failed: ValueError: no"):
        run(tmp_path, launcher="fails")
    assert records_in(tmp_path).load() == {}, "so that it is tried again"
    with monkeypatch.context() as patch:
        patch.setattr("mnistm_da.pipelines.tuning.trial.run_parts", lambda *arguments: 1 / 0)
        with pytest.raises(UserError, match="ZeroDivisionError"):
            run(tmp_path)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError("no more"),
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"),
    ],
)
def test_too_little_memory_is_no_trial_that_failed(tmp_path, monkeypatch, error):
    """Of its parameters it says nothing: it is to be run again."""

    def needs_more(*arguments):
        raise error

    monkeypatch.setattr("mnistm_da.pipelines.tuning.trial.run_parts", needs_more)
    with pytest.raises(UserError, match="stopped by something else than its parameters"):
        run(tmp_path)
    assert records_in(tmp_path).load() == {}


def test_a_guard_that_the_proxy_does_not_look_at_makes_no_other_study():
    names = {
        score: [
            named(THESE, TuneParams(score=score, **more), made_up_pair())
            for more in ({}, {"guard": None}, {"guard_slack": 0.5})
        ]
        for score in ("proxy", "im")
    }
    assert len({*names["proxy"]}) == 1
    assert len({*names["im"]}) == 3


def test_a_disk_that_is_full_ends_the_search_and_is_no_trial_that_failed(tmp_path, monkeypatch):
    def is_full(*arguments):
        raise DatasetError("No space left on device")

    monkeypatch.setattr("mnistm_da.pipelines.tuning.trial.run_parts", is_full)
    with pytest.raises(DatasetError, match="No space left"):
        run(tmp_path)

    def catches(units, work, params):
        """As a worker does, whatever was raised."""
        for unit in units:
            with pytest.raises(DatasetError) as error:
                work(unit)
            yield unit, launchers.Failure(str(error.value))

    monkeypatch.setitem(launchers.LAUNCHERS, "catches", catches)
    with pytest.raises(UserError, match=r"something else than its parameters.*: No space left on device\. When"):
        run(tmp_path, launcher="catches")
    assert records_in(tmp_path).load() == {}
