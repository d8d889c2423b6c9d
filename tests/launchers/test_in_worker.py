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

    address, name, state = "tcp://here", 1, SimpleNamespace(nthreads=1, tasks={})

    def __init__(self):
        self.told = []

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


@pytest.mark.parametrize(("named", "there"), [("2,0", ("2", "0")), (None, ("0", "1", "2", "3")), ("", ())])
def test_by_default_there_is_a_worker_for_each_device(monkeypatch, named, there):
    monkeypatch.setattr("torch.cuda.device_count", lambda: 4)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if named is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", named)
    assert devices() == there
    assert workers(LauncherParams(name="dask", resources={"GPU": 1.0})) == max(1, len(there))
    assert workers(LauncherParams(name="dask", resources={"GPU": 1.0}, workers=3)) == 3
