"""What the launcher tells of units, and counts of them; no cluster is needed."""

import os
from types import SimpleNamespace

import pytest

from cluster_work import ChainWork, units
from mnistm_da.launchers import Failure
from mnistm_da.launchers.in_worker import Told, run_unit
from mnistm_da.launchers.lines import Lines
from mnistm_da.launchers.on_dask import QUIET, _quiet


def test_the_time_that_is_left_is_told_though_no_worker_was_heard(caplog):
    of = units("plain", "plain")
    with caplog.at_level("INFO"):
        Lines(of).end(of[0], Failure("it cannot be read"))
    assert "plain, seed 0: failed (1 of 2 · about 0:00 left): it cannot be read" in caplog.text


def test_a_unit_that_was_sent_to_a_worker_that_does_not_fit_has_not_begun():
    lines, name = Lines(units("plain")), "plain.seed0"
    for event in ({"unit": name}, {"refused": "tcp://there", "because": ["torch"], "unit": name}, {"unit": name}):
        lines.hear((0.0, event))
    assert lines.begun[name] == 1


def test_what_dask_was_told_to_log_stays(monkeypatch):
    monkeypatch.setenv(QUIET, "debug")
    with _quiet():
        os.environ[QUIET] = "critical"  # as Dask does when it starts workers
    assert os.environ[QUIET] == "debug"


class Killed(BaseException):
    """For want of memory, say."""


class OneWorker:
    """A worker of Dask, as far as a unit asks it."""

    address, name, state = "tcp://here", 1, SimpleNamespace(nthreads=1, tasks={})

    def __init__(self):
        self.told = []

    def get_current_task(self):
        return "key"

    def log_event(self, topic, event):
        self.told.append(event)


def test_a_unit_has_begun_before_its_data_are_read(monkeypatch, tmp_path):
    """They may be what ends the process, and a unit is not tried for ever."""

    class TooLarge(ChainWork):
        def misfits(self):
            raise Killed

    worker, [unit] = OneWorker(), units("plain")
    monkeypatch.setattr("mnistm_da.launchers.in_worker.get_worker", lambda: worker)
    with pytest.raises(Killed):
        run_unit(unit, TooLarge(str(tmp_path)), Told("a run", None, False, False))
    assert worker.told == [{"unit": unit.name}]
