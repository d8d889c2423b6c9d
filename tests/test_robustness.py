"""A short round of the crash matrix and of runs at the same time; the scripts beside this file do the long ones."""

import pytest

import concurrent_runs
import crash_matrix
from sample_project import SampleProject


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("robustness")


@pytest.fixture(scope="module")
def alone(folder):
    return concurrent_runs.alone(folder, "source_only")


def test_runs_at_the_same_time_do_not_mix(folder, alone):
    assert concurrent_runs.together(SampleProject(folder / "together", "source_only")) == alone
    assert alone[0] != alone[1]


def test_a_killed_run_goes_on_to_the_same_bytes(folder, alone):
    project = SampleProject(folder / "killed", "source_only")
    assert crash_matrix.kill_at_random(project, alone[0], kills=1, seconds=10, seed=1) >= 1
