"""What the launcher tells of units, and counts of them; no cluster is needed."""

import os

from cluster_work import units
from mnistm_da.launchers import Failure
from mnistm_da.launchers.clusters import QUIET, quiet
from mnistm_da.launchers.lines import Lines


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
    with quiet():
        os.environ[QUIET] = "critical"  # as Dask does when it starts workers
    assert os.environ[QUIET] == "debug"
