"""A short round of the crash matrix and of runs at the same time; the scripts beside this file do the long ones."""

import pytest

import concurrent_runs
import crash_matrix
from sample_project import SampleProject

WHAT = ("source_only", "source_only.metrics,source_only.training_curves")
"""Pipeline and outputs: data, a training, a figure and scores."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("robustness")


@pytest.fixture(scope="module")
def alone(folder):
    return concurrent_runs.alone(folder, *WHAT)


def test_runs_at_the_same_time_do_not_mix(folder, alone):
    assert concurrent_runs.together(SampleProject(folder / "together", *WHAT)) == alone
    assert alone[0] != alone[1]


def test_a_killed_run_goes_on_to_the_same_bytes(folder, alone):
    project = SampleProject(folder / "killed", *WHAT)
    assert crash_matrix.kill_at_random(project, alone[0], kills=1, seconds=10, seed=1) >= 1
