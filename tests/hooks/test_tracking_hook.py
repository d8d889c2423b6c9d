"""The hook that tells MLflow of runs, units and trials; no server is needed."""

import os

import pytest
from pydantic import ValidationError

from mnistm_da import extras
from mnistm_da.hooks.mlflow_runs import first_line, without_password
from mnistm_da.hooks.tracking import TrackRun
from mnistm_da.parameters import TrackingParams
from tracked_run import ABOUT, METRICS, PIPELINE, RESULT, TRIAL, catalog, run


class Runs:
    """Notes what MLflow would be told."""

    uri = "http://127.0.0.1:5000"

    def __init__(self, *names):
        self.names, self.told = list(names), []

    def begin(self, name, parameters, tags):
        self.told.append(("begin", name))

    def measure(self, name, rows):
        self.told.append(("measure", name))

    def end(self, name, status):
        self.told.append((status, name))


def listening(*names):
    """Give a hook in the middle of a run, and what it tells."""
    hook, runs = TrackRun(), Runs(*names)
    hook._runs, hook._process = runs, os.getpid()
    return hook, runs.told


@pytest.mark.parametrize(
    ("dataset", "result", "status"),
    [
        ("benchmark_runs", RESULT, "FINISHED"),
        ("hindsight_runs", RESULT, "FINISHED"),
        ("failed_runs", "Traceback\nValueError: inf\n", "FAILED"),
        ("hindsight_failures", "Traceback\nValueError: inf\n", "FAILED"),
        ("tuning_trials", TRIAL, "FINISHED"),
        ("tuning_trials", TRIAL | {"state": "failed", "curve": {}, "seconds": None, "reason": "inf"}, "FAILED"),
    ],
)
def test_units_and_trials_are_told_of(dataset, result, status):
    hook, told = listening()
    hook.after_dataset_saved(dataset, {"x": result})
    assert (told[0], told[-1]) == (("begin", "x"), (status, "x"))


def test_a_unit_that_has_a_result_did_not_fail():
    hook, told = listening()
    hook.after_dataset_saved("failed_runs", {"x": None})
    assert told == []


def test_a_run_that_was_interrupted_is_ended_when_the_next_one_begins(tmp_path):
    """Of an interrupt in a notebook, no hook is told."""
    hook, told = listening("dann")
    hook.before_pipeline_run(ABOUT, PIPELINE, catalog(tmp_path, None, name="none"))
    assert told == [("KILLED", "dann")]


def test_by_default_nothing_is_told(tmp_path):
    hook, of = TrackRun(), catalog(tmp_path, None, name="none")
    run(hook, of)
    assert of.load("dann.metrics") == METRICS
    assert hook._runs is None


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(extras.EXTRAS, "tracking", ("not_installed",))
    with pytest.raises(
        ValidationError, match=r"tracking=mlflow needs not_installed: pip install 'mnistm-da\[tracking\]'"
    ):
        TrackingParams(name="mlflow")


def test_a_password_is_not_written_down():
    assert without_password("https://ann:secret@host:5000/x") == "https://host:5000/x"
    assert without_password("sqlite:///runs.db") == "sqlite:///runs.db"
    assert "cret" not in first_line(ValueError("cannot reach (https://ann:se@cret@host/) today\nmore"))
