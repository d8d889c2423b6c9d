"""A cluster of Dask for all tests of the launcher, and work for it."""

import dask
import pytest
from distributed import LocalCluster

from cluster_work import ChainWork, wait_for
from dask_parts import LOOPBACK
from mnistm_da.launchers import here


@pytest.fixture
def cluster(shared_cluster):
    """The cluster of all tests, when both workers are there again: or a unit may wait behind one that waits."""
    wait_for(lambda: len(shared_cluster.scheduler.running) == 2)
    return shared_cluster


@pytest.fixture(scope="package")
def shared_cluster():
    """Two workers with little memory, which are started again when they are killed."""
    with (
        dask.config.set({"distributed.nanny.pre-spawn-environ": {}, "distributed.scheduler.allowed-failures": 1}),
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            host=LOOPBACK,
            dashboard_address=None,
            memory_limit="500MB",
            silence_logs="CRITICAL",
        ) as cluster,
    ):
        yield cluster


@pytest.fixture
def work(tmp_path, caplog):
    caplog.set_level("WARNING")  # or it hears nothing: the cluster has silenced the handlers of all logs
    return ChainWork(str(tmp_path))


@pytest.fixture
def serial(tmp_path):
    """Give the records of the same units, run one after the other in this process."""

    def run(of):
        (tmp_path / "serial").mkdir()
        (tmp_path / "serial" / "mended").touch()
        (tmp_path / "serial" / "go").touch()
        work = ChainWork(str(tmp_path / "serial"))
        assert len(list(here(of, work, None))) == len(of)
        return work.records()

    return run
