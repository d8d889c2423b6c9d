"""The launcher on a real cluster of Dask: whatever happens to it, the records are those of a serial run."""

import multiprocessing
import os
import signal
import socket
import threading
from pathlib import Path

from distributed import Client

from cluster_work import EPOCHS, executed, units, wait_for
from dask_parts import LOOPBACK, at, command, worker
from mnistm_da.launchers import Failure
from mnistm_da.launchers.on_dask import launch


def test_a_worker_that_is_killed_or_runs_out_of_memory(cluster, work, serial, caplog):
    of = units("plain", "killed", "plain", "hungry", "plain")
    with caplog.at_level("INFO"):
        outcomes = dict(launch(of, work, at(cluster)))
    assert set(outcomes) == set(of)
    assert work.records() == serial(of)
    for name, begun in (("killed.seed1", ["0", "2"]), ("hungry.seed3", ["0", "2"])):
        runs = [note.split() for note in work.notes() if note.startswith(name)]
        assert [after for _, after, _ in runs] == begun, "goes on after its last epoch"
        assert runs[0][2] != runs[1][2], "in another process"
    assert "plain, seed 0: began" in caplog.text
    assert f"plain, seed 0: epoch {EPOCHS}/{EPOCHS} · 0:00 left" in caplog.text
    assert "(5 of 5)" in caplog.text


def test_a_unit_that_raises_or_never_has_memory_enough_fails_alone(cluster, work, serial, caplog):
    of = units("raises", "always_hungry", "plain", "plain")
    outcomes = dict(launch(of, work, at(cluster)))
    raised, hungry = (outcomes[unit] for unit in of[:2])
    assert isinstance(raised, Failure)
    assert "cluster_work.py" in raised.text
    assert raised.reason == "ZeroDivisionError: the third epoch of it"
    assert isinstance(hungry, Failure)
    assert "its process ended 2 times" in hungry.reason
    assert sorted(work.records()) == ["plain.seed2.json", "plain.seed3.json"]
    Path(work.folder, "mended").touch()
    of = [unit for unit in of if unit.algorithm != "always_hungry"]
    assert not any(isinstance(outcome, Failure) for _, outcome in launch(of, work, at(cluster)))
    assert work.records() == serial(of)


def test_a_client_that_is_killed_is_started_again(cluster, work, serial):
    of = units("waits", "plain")
    first = multiprocessing.get_context("spawn").Process(target=run_all, args=(of, work, at(cluster)))
    first.start()
    wait_for(lambda: len(work.records()) == 1 and len(work.state(of[0])) == 2)
    os.kill(first.pid, signal.SIGKILL)
    first.join()
    Path(work.folder, "go").touch()
    assert len(list(launch(of, work, at(cluster)))) == 2
    assert work.records() == serial(of)
    assert sum(note.startswith("plain") for note in work.notes()) == 1, "what has a record is not run again"


def run_all(of, work, params):
    list(launch(of, work, params))


def test_units_of_a_run_that_is_stopped_stop_after_their_epoch(cluster, work):
    of = units("waits", "plain")
    running = launch(of, work, at(cluster))
    assert next(running)[0].algorithm == "plain"
    wait_for(lambda: len(work.state(of[0])) == 2)
    running.close()
    with Client(cluster, set_as_default=False) as client:
        wait_for(lambda: not any(client.run(executed).values()))
    Path(work.folder, "go").touch()
    wait_for(lambda: len(work.state(of[0])) == 3)
    assert len(list(launch(units("plain", "plain", "plain"), work, at(cluster)))) == 3, "the workers are free again"
    assert len(work.state(of[0])) == 3


def test_a_scheduler_that_is_killed_is_waited_for(work, serial, caplog):
    with socket.socket() as free:
        free.bind((LOOPBACK, 0))
        port = free.getsockname()[1]
    address = f"tcp://{LOOPBACK}:{port}"
    of = units("waits", "plain", "plain")

    def start():
        scheduler = command("scheduler", f"--host={LOOPBACK}", f"--port={port}", "--no-dashboard")
        return scheduler, worker(address), worker(address)

    def restart():
        try:
            wait_for(lambda: len(work.state(of[0])) == 2)
            [busy] = {int(note.split()[2]) for note in work.notes() if note.startswith("waits")}
            for process in parts:
                if process is parts[0] or process.pid == busy:
                    process.kill()
                process.wait(timeout=120)  # the other worker ends by itself
            parts[:] = start()
        finally:
            Path(work.folder, "go").touch()

    parts = list(start())
    other = threading.Thread(target=restart, daemon=True)
    other.start()
    try:
        assert {unit for unit, _ in launch(of, work, at(address))} == set(of)
    finally:
        other.join()
        for process in parts:
            process.kill()
            process.wait()
    assert "the scheduler is gone: waiting for it" in caplog.text
    assert work.records() == serial(of)
    assert [note.split()[1] for note in work.notes() if note.startswith("waits")] == ["0", "2"]
