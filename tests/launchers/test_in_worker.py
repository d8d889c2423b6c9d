"""What a worker does before a unit; no cluster is needed."""

import os
from types import SimpleNamespace

import pytest

from cluster_work import ChainWork, units
from mnistm_da.launchers import in_worker
from mnistm_da.launchers.in_worker import Told, misfits, run_unit
from mnistm_da.launchers.local import devices, workers
from mnistm_da.parameters import LauncherParams


class Killed(BaseException):
    """For want of memory, say."""


class OneWorker:
    """A worker of Dask, as far as a unit asks it."""

    address, name = "tcp://here", 1

    def __init__(self, **resources):
        self.told = []
        self.state = SimpleNamespace(nthreads=1, tasks={}, total_resources=resources)

    def get_current_task(self):
        return "key"

    def log_event(self, topic, event):
        self.told.append(event)


def test_a_unit_has_begun_before_its_data_are_read(monkeypatch, tmp_path):
    """They may be what ends the process, and a unit is not tried without end."""

    class TooLarge(ChainWork):
        def misfits(self):
            raise Killed

    worker, [unit] = OneWorker(), units("plain")
    monkeypatch.setattr("mnistm_da.launchers.in_worker.get_worker", lambda: worker)
    with pytest.raises(Killed):
        run_unit(unit, TooLarge(str(tmp_path)), Told("a run", None, False, False))
    assert worker.told == [{"unit": unit.name}]


@pytest.mark.parametrize(("is_local", "seen"), [(True, "7"), (False, "3")])
def test_a_device_is_chosen_before_a_library_is_asked_about_it(monkeypatch, tmp_path, is_local, seen):
    """The second worker of this machine has the second device. Another machine's has its own in the first place."""
    found = []

    class Asks(ChainWork):
        def misfits(self):
            found.append(os.environ["CUDA_VISIBLE_DEVICES"])
            return []

    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,1")
    monkeypatch.setattr(in_worker.logging, "disable", lambda level: None)
    monkeypatch.setattr(in_worker.rich, "reconfigure", lambda **more: None)
    told = Told(f"run {is_local}", None, True, is_local, ("5", "7"))
    assert misfits(Asks(str(tmp_path)), told, OneWorker()) == []
    assert found == [seen]


@pytest.mark.parametrize(
    ("count", "named", "offered", "is_refused"),
    [
        (2, None, {"GPU": 1.0}, True),
        (2, "1", {"GPU": 1.0}, False),
        (1, None, {"GPU": 1.0}, False),
        (2, None, {}, False),  # no unit of a GPU is sent to it
    ],
)
def test_a_worker_that_would_share_a_gpu_does_not_fit(monkeypatch, tmp_path, count, named, offered, is_refused):
    """It is none of this run's: they are numbered, and told their devices."""
    monkeypatch.setattr("torch.cuda.device_count", lambda: count)
    monkeypatch.setattr(in_worker, "_looked_at", {})
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if named is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", named)
    found = misfits(ChainWork(str(tmp_path)), Told("a run", None, True, False), OneWorker(**offered))
    assert [("first of its 2 GPUs" in one, "CUDA_VISIBLE_DEVICES=0, or use dask-cuda" in one) for one in found] == (
        [(True, True)] * is_refused
    )


@pytest.mark.parametrize(("named", "there"), [("2,0", ("2", "0")), (None, ("0", "1", "2", "3")), ("", ())])
def test_by_default_there_is_a_worker_for_each_device(monkeypatch, named, there):
    monkeypatch.setattr("torch.cuda.device_count", lambda: 4)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if named is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", named)
    assert devices() == there
    assert workers(LauncherParams(name="dask", resources={"GPU": 1.0})) == max(1, len(there))
    assert workers(LauncherParams(name="dask", resources={"GPU": 1.0}, workers=3)) == 3
