"""What the launcher tells of units, and counts of them; no cluster is needed."""

import os
import re
from io import StringIO

from rich.console import Console
from rich.text import Text

from cluster_work import units, wait_for
from mnistm_da.launchers import Failure
from mnistm_da.launchers.clusters import QUIET, quiet
from mnistm_da.launchers.lines import Lines


def test_the_time_that_is_left_is_told_though_no_worker_was_heard(caplog):
    of = units("plain", "plain")
    with caplog.at_level("INFO"):
        Lines(of).end(of[0], Failure("it cannot be read"))
    assert "plain, seed 0: failed (1 of 2 · about 0:00 left): it cannot be read" in caplog.text


def test_a_terminal_has_a_line_of_each_unit_that_is_being_run(monkeypatch):
    seen, of = StringIO(), units("plain", "plain", "plain")
    console = Console(file=seen, force_terminal=True, force_interactive=True, width=100, _environ={"TERM": "xterm"})
    monkeypatch.setattr("mnistm_da.launchers.lines.get_console", lambda: console)

    def drawn():
        """Give the lines of the screen as they were last drawn: each begins with the name of a unit."""
        text = Text.from_ansi(seen.getvalue()).plain
        told = [" ".join(re.sub("[━╸╺]", " ", line).split()) for line in text.splitlines()]
        return [line for line in told if line.startswith("plain")][-2:]

    with Lines(of) as lines:
        for number, unit in enumerate(of[:2]):
            lines.hear((0.0, {"unit": unit.name}))
            lines.hear((0.0, {"unit": unit.name, "done": 2 + number, "epochs": 8, "seconds": 30.0}))
        both = ["plain, seed 0 epoch 2/8 3:00 left", "plain, seed 1 epoch 3/8 2:30 left"]
        wait_for(lambda: drawn() == both)
        lines.end(of[0], {})
        lines.hear((0.0, {"unit": of[2].name}))
        lines.hear((0.0, {"unit": of[2].name, "done": 0, "epochs": 0, "seconds": 0.0}))  # another one is trained for it
        wait_for(lambda: drawn() == [both[1], "plain, seed 2 epoch 0/?"])


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
