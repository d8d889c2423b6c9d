"""Workers of a real cluster that must not do the work: they are refused, whenever they come."""

import shutil
import sysconfig
import threading
from importlib.resources import files
from pathlib import Path

import pytest

from benchmark_here import Place, as_data, made_up
from benchmark_parameters import PARAMETERS
from cluster_work import ChainWork, units, wait_for
from dask_parts import at, ended, in_this_process, worker
from mnistm_da.errors import UserError
from mnistm_da.launchers.on_dask import launch
from mnistm_da.pipelines.benchmark.work import Storage, Work


def test_workers_of_another_version_are_refused_by_name(cluster, work, serial, tmp_path, caplog):
    other = ChainWork(work.folder, torch="1.0")
    with pytest.raises(UserError, match=r"2 of 2 workers do not fit") as error:
        list(launch(units("plain"), other, at(cluster)))
    for address in cluster.scheduler_info["workers"]:
        assert f"{address}: torch is {work.torch} there and 1.0 here" in str(error.value)
    assert work.notes() == []


def test_a_worker_of_other_code_is_refused_by_the_file(tmp_path):
    """The benchmark's own work, and a process that has a copy of the package with one changed file."""
    copy = tmp_path / "other" / "mnistm_da"
    shutil.copytree(files("mnistm_da"), copy, ignore=shutil.ignore_patterns("__pycache__"))
    changed = copy / "adaptation" / "algorithms" / "dann.py"
    changed.write_text(changed.read_text() + "# changed\n")
    work = Work.of(PARAMETERS, Place(str(tmp_path)), Storage(as_data(made_up()), None, None))
    with in_this_process() as cluster, ended(worker(cluster.scheduler_address, path=[str(copy.parent)])):
        wait_for(lambda: len(cluster.scheduler.running) == 1)
        with pytest.raises(UserError, match=r"its code of mnistm_da differs in adaptation/algorithms/dann\.py$"):
            list(launch(units("plain"), work, at(cluster)))


def test_a_worker_of_another_version_that_comes_later_leaves_again(cluster, work, serial, tmp_path, caplog):
    (tmp_path / "site" / "torch-9.9.dist-info").mkdir(parents=True)
    (tmp_path / "site" / "torch-9.9.dist-info" / "METADATA").write_text("Name: torch\nVersion: 9.9\n")
    of, outcomes = units("waits", "waits", "plain", "plain"), []
    running = threading.Thread(target=lambda: outcomes.extend(launch(of, work, at(cluster))), daemon=True)
    running.start()
    try:
        wait_for(lambda: len(work.notes()) == 2)
        with ended(worker(cluster.scheduler_address, path=[str(tmp_path / "site")])) as late:
            assert late.wait(timeout=300) == 0
    finally:
        Path(work.folder, "go").touch()
    running.join()
    assert f"torch is 9.9 there and {work.torch} here" in caplog.text
    assert len(outcomes) == len(of)
    assert work.records() == serial(of)


def test_workers_without_the_project_leave_again(cluster, work, serial):
    """They end over the first unit that they cannot read. It is given to others, however often that happens."""
    of, outcomes = units("waits", "waits", "plain", "plain"), {}
    running = threading.Thread(target=lambda: outcomes.update(launch(of, work, at(cluster))), daemon=True)
    running.start()
    try:
        wait_for(lambda: len(work.notes()) == 2)
        for _ in range(3):  # a unit whose worker ends twice is given up by this cluster
            with ended(stranger(cluster.scheduler_address)) as late:
                assert late.wait(timeout=300) == 0
    finally:
        Path(work.folder, "go").touch()
    running.join()
    assert outcomes.keys() == set(of)
    assert work.records() == serial(of)
    with ended(stranger(cluster.scheduler_address)):
        wait_for(lambda: len(cluster.scheduler.running) == 3)
        with pytest.raises(UserError, match=r"1 of 3 workers do not fit[^\0]*No module named 'mnistm_da'"):
            list(launch(units("plain"), work, at(cluster)))


def stranger(address):
    """Start a worker whose Python has the libraries alone."""
    return worker(address, only=[sysconfig.get_path("purelib")])
