"""How many threads a computation gets."""

import os

import joblib
import pytest
import torch

from mnistm_da import cores
from mnistm_da.adaptation.optimization.device import use_device
from mnistm_da.hooks.share_cores import ShareCores
from mnistm_da.pipeline_registry import register_pipelines

DANN = register_pipelines()["dann"]


@pytest.fixture(autouse=True)
def restored():
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def machine(monkeypatch):
    """A machine of 64 physical cores, of which the container may use some."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)

    def allow(count: int) -> None:
        monkeypatch.setattr(joblib, "cpu_count", lambda only_physical_cores=False: count)

    return allow


@pytest.mark.parametrize(("cores_here", "expected"), [(1, 1), (2, 2), (12, 12), (64, cores.MAX_THREADS)])
def test_the_cores_that_the_container_may_use_are_used(machine, cores_here, expected):
    machine(cores_here)
    assert cores.threads() == expected
    use_device("cpu")
    assert torch.get_num_threads() == expected


@pytest.mark.parametrize(("asked", "expected"), [("3", 3), ("5,2", 5), ("", 8), ("many", 8)])
def test_what_the_user_asks_for_counts(machine, monkeypatch, asked, expected):
    machine(8)
    monkeypatch.setenv("OMP_NUM_THREADS", asked)
    assert cores.threads() == expected


@pytest.mark.parametrize(("cores_here", "each"), [(2, 1), (12, 4), (64, 21)])
def test_workers_share_the_cores_and_a_later_run_has_them_all(machine, cores_here, each):
    """Three trainings run at the same time in `dann`, however many nodes it has."""
    machine(cores_here)
    share = ShareCores()
    share.before_pipeline_run(run_params={"runner": "<kedro.runner.ParallelRunner object>"}, pipeline=DANN)
    assert cores.threads() == each
    share.after_pipeline_run()
    assert "OMP_NUM_THREADS" not in os.environ


def test_what_an_interrupted_run_left_does_not_count_for_the_next(machine):
    machine(12)
    share = ShareCores()
    share.before_pipeline_run(run_params={"runner": "ParallelRunner"}, pipeline=DANN)
    share.before_pipeline_run(run_params={"runner": "SequentialRunner"}, pipeline=DANN)
    assert cores.threads() == 12


def test_a_sequential_run_and_the_users_choice_are_left_alone(machine, monkeypatch):
    machine(12)
    share = ShareCores()
    share.before_pipeline_run(run_params={"runner": "SequentialRunner"}, pipeline=DANN)
    assert cores.threads() == 12
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    share.before_pipeline_run(run_params={"runner": "ParallelRunner"}, pipeline=DANN)
    share.on_pipeline_error()
    assert os.environ["OMP_NUM_THREADS"] == "7"
