"""The benchmark itself on Dask: real units, by the real command line."""

import json
import multiprocessing
import os
import signal
import threading
from pathlib import Path

import psutil
from safetensors.numpy import load_file

from cluster_work import wait_for, without_timing

UNITS = (
    "benchmark.algorithms=source_only,benchmark.seeds=0,training.epochs=6,network.width=4,selection.samples=50,"
    "selection.checkpoints=1,splitting.source_validation=3800,splitting.target_validation=3800"
)


def test_the_records_of_a_worker_that_was_killed_are_those_of_a_serial_run(project, tmp_path, kedro_here, monkeypatch):
    """Byte for byte, but for the seconds that a training took."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")

    def run(name, launcher):
        monkeypatch.setenv("MNISTM_DATA_ROOT", str(tmp_path / name))
        params = f"--params={UNITS},{launcher}"
        done = kedro_here("run", "--pipelines=benchmark", "--env=sample", params, cwd=project)
        assert done.returncode == 0, done.stdout + done.stderr
        there = tmp_path / name / "sample"
        assert not list((there / "06_models/benchmark_states").glob("*.safetensors"))
        assert list((there / "08_reporting/benchmark.csv").iterdir())
        return {path.name: without_timing(path) for path in (there / "08_reporting/benchmark_runs").glob("*.json")}

    states, seen = tmp_path / "dask/sample/06_models/benchmark_states", []

    def kill_one():
        wait_for(lambda: saved(states), seconds=200)
        worker = multiprocessing.active_children()[0].pid
        os.kill(worker, signal.SIGKILL)
        wait_for(lambda: not psutil.pid_exists(worker))
        seen.append(saved(states))
        wait_for(lambda: saved(states) != seen[0], seconds=200)
        seen.append(saved(states))

    killing = threading.Thread(target=kill_one, daemon=True)
    killing.start()
    made = run("dask", "launcher=dask,launcher.workers=1")
    killing.join()
    assert len(made) == 1
    before, after = seen
    assert before, "killed when an epoch was saved, and the record was not"
    assert after is None or after["epochs"] > before["epochs"], "went on"
    assert made == run("serial", "launcher=here")


def saved(states: Path) -> dict[str, int] | None:
    """Give the epochs of the training under way, and when they were saved; nothing where there is none."""
    try:
        [path] = states.glob("[!.]*.safetensors")
        rows = json.loads(load_file(path)["history"].tobytes())
        return {"epochs": len(rows), "when": path.stat().st_mtime_ns}
    except (ValueError, FileNotFoundError):  # also if it is taken away meanwhile
        return None
