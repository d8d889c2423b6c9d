"""The comparison with other libraries, without them: environments, measurements and rows."""

import json
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from mnistm_da.adaptation.networks.forward import as_input
from speed import environments, libraries
from speed.environments import PYKALE, SKADA, Library, NotInstalledError
from speed.libraries import Trained
from speed.measure import processor_seconds
from speed.rivals import task

NAMED = Library("Nobody's library", "mnistm-da-nobody-has-this==1.2", ())


def test_a_library_that_cannot_be_installed_is_named_with_pips_reason(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")  # nothing is asked of a network
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(NotInstalledError, match=r"Nobody's library 1\.2 could not be installed.*No matching") as told:
        environments.python(NAMED, tmp_path)
    assert "\n" not in str(told.value)
    [home] = tmp_path.iterdir()
    assert (home / "bin/python").exists()
    assert not (home / "installed.txt").exists(), "the next run is to try again"


@pytest.fixture
def commands(monkeypatch):
    """Note the commands in place of running them."""
    done = []

    def note(command, **_):
        done.append(command)
        if "venv" in command:
            Path(command[-1]).mkdir(parents=True, exist_ok=True)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(environments.subprocess, "run", note)
    return done


@pytest.mark.parametrize("library", [SKADA, PYKALE], ids=lambda library: library.name)
def test_an_environment_has_our_torch_and_is_made_once(library, tmp_path, commands):
    interpreter = environments.python(library, tmp_path)
    assert commands[0][:4] == [sys.executable, "-m", "venv", "--clear"]
    installed = [one for command in commands[1:] for one in command]
    assert f"torch=={version('torch').partition('+')[0]}" in installed
    assert installed.count(library.requirement) == 1
    assert ("--no-deps" in installed) == library.without_dependencies
    assert all("==" in one for one in library.needs), "a later version would be another comparison"
    commands.clear()
    assert environments.python(library, tmp_path) == interpreter
    assert not commands


def test_another_torch_makes_the_environment_anew(tmp_path, commands, monkeypatch):
    environments.python(SKADA, tmp_path)
    commands.clear()
    monkeypatch.setattr(environments, "version", lambda name: "99.0+cpu")
    environments.python(SKADA, tmp_path)
    assert "venv" in commands[0]
    assert "torch==99.0" in commands[1]


def test_a_contender_is_measured_on_the_images_of_the_file(tmp_path, monkeypatch, capsys):
    rng = np.random.default_rng(0)
    arrays = {
        "source": rng.integers(0, 256, (6, 1, 28, 28), np.uint8),
        "labels": rng.integers(0, 10, 6),
        "target": rng.integers(0, 256, (5, 3, 28, 28), np.uint8),
        "test_images": np.zeros((400, 3, 28, 28), np.uint8),
        "test_labels": np.repeat([3, 4], [300, 100]),
    }
    arrays["test_images"][:, :, 0, 3] = 255  # the brightest pixel of the first row is in place 3: "3" is said of all
    np.savez(tmp_path / task.FILE, **arrays)
    seen = []

    class FirstRow(nn.Module):
        def forward(self, images):
            return images[:, 1, 0, :10]

    def train(given):
        seen.append(given)
        sum(number * number for number in range(2_000_000))
        return FirstRow(), nn.Identity()

    monkeypatch.setattr(sys, "argv", ["ours", str(tmp_path), "recommended", "2", "64", "7"])
    monkeypatch.setattr(task.torch, "set_num_threads", seen.append)
    task.run(train)
    told = json.loads(capsys.readouterr().out)
    assert told["accuracy"] == 0.75
    assert told["wall"] > 0
    assert told["processor"] > 0.01
    threads, given = seen
    assert (threads, given.settings, given.epochs, given.batch_size, given.seed) == (1, "recommended", 2, 64, 7)
    for name in ("source", "labels", "target"):
        np.testing.assert_array_equal(getattr(given, name), arrays[name])


def test_libraries_get_what_our_network_gets():
    images = np.random.default_rng(0).integers(0, 256, (4, 1, 28, 28), np.uint8)
    np.testing.assert_array_equal(task.as_float(images), as_input(torch.from_numpy(images)).numpy())


def test_the_rows_divide_theirs_by_ours_and_subtract_theirs_from_ours():
    found = {
        ("DANN", "auto"): [Trained(10, 20, 0.8), Trained(10, 20, 0.7)],
        ("DANN", "float32"): [Trained(18, 36, 0.75), Trained(16, 32, 0.75)],
        ("SKADA 0.6.0", "ours"): [Trained(36, 72, 0.78), Trained(40, 80, 0.78)],
    }
    rows = [(row.name, row.against, row.values, row.aim) for row in libraries.results(found, {"images": 6})]
    assert [row[1] for row in rows] == ["our own float32"] * 2 + ["SKADA 0.6.0, our settings"] * 3
    assert rows[0][2:] == ([1.8, 1.6], 1.7)
    assert rows[2][2:] == ([3.6, 4.0], 2)
    assert rows[3][2:] == ([2.0, 2.5], 2)
    assert rows[4][0] == "DANN, target test accuracy"
    assert rows[4][2] == pytest.approx([2, -8])
    assert rows[4][3] == 0


def test_a_contender_that_fails_is_told_with_its_own_words(tmp_path):
    with pytest.raises(RuntimeError, match=r"nobody, ours:\n.*No module named '?speed\.rivals\.nobody"):
        libraries.train(Path(sys.executable), "nobody", "ours", tmp_path, libraries.Sizes(), 0)


def test_processor_seconds_count_children_and_no_waiting():
    busy = [sys.executable, "-c", "import time\nwhile time.process_time() < 0.5: pass"]
    assert processor_seconds(lambda: subprocess.run(busy, check=True)) >= 0.4
    assert processor_seconds(lambda: time.sleep(0.4)) < 0.2
