"""What a worker does before a unit; no cluster is needed."""

import os
import pickle
from types import SimpleNamespace

import pytest
from distributed import Reschedule

from cluster_work import ChainWork, units
from mnistm_da.launchers import in_worker
from mnistm_da.launchers.in_worker import Packed, Told, misfits, run_unit, unpacked
from mnistm_da.launchers.local import devices, workers
from mnistm_da.parameters import LauncherParams


class Killed(BaseException):
    """For want of memory, say."""


class OneWorker:
    """A worker of Dask, as far as a unit asks it."""

    address, name, state = "tcp://here", 1, SimpleNamespace(nthreads=1, tasks={})

    def __init__(self):
        self.told = []

    loop = SimpleNamespace(add_callback=lambda close, reason: close(reason=reason))

    def close_gracefully(self, reason):
        self.told.append(f"closed: {reason}")

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
        run_unit(unit, Packed.of(TooLarge(str(tmp_path))), Told("a run", None, False, False))
    assert worker.told == [{"unit": unit.name}]


def test_a_worker_that_cannot_read_the_work_leaves_and_its_unit_is_given_to_others(monkeypatch, tmp_path):
    """Its code is older, say, and lacks the class."""
    worker, [unit] = OneWorker(), units("plain")
    sent = Packed(Packed.of(ChainWork(str(tmp_path))).pickled.replace(b"ChainWork", b"FutureOne"))
    monkeypatch.setattr(in_worker, "get_worker", lambda: worker)
    monkeypatch.setattr(in_worker.time, "sleep", lambda seconds: None)
    with pytest.raises(Reschedule):
        run_unit(unit, sent, Told("a run", None, False, False))
    _, refused, closed = worker.told
    assert (refused["refused"], refused["unit"]) == (worker.address, unit.name)
    assert "cannot read the work (AttributeError: " in refused["because"][0]
    assert closed == f"closed: {refused['because'][0]}"


def test_a_worker_reads_the_work_of_a_run_once(tmp_path):
    """It comes with each unit, and is the same."""
    first, again = (unpacked(pickle.loads(pickle.dumps(Packed.of(ChainWork(str(tmp_path)))))) for _ in range(2))
    assert first is again
    assert first == ChainWork(str(tmp_path))


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
