"""A cluster of Dask, started on this machine or already running, and the connection to its scheduler."""

import asyncio
import logging
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import Any

import dask
from distributed import Client, LocalCluster
from distributed.comm import connect
from distributed.security import Security

from mnistm_da.cores import asked_threads, usable
from mnistm_da.errors import UserError

from .local import workers

logger = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
QUIET = "DASK_LOGGING__DISTRIBUTED"
"""The environment variable by which Dask's own log is set where it is imported."""

OF_LOCAL_WORKERS = {
    "distributed.worker.profile.enabled": False,  # it looks at every thread a hundred times a second
    # By default, event loops, memory and machine are looked at up to fifty times a second: a twentieth of a core.
    "distributed.admin.tick.interval": "500ms",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.worker.memory.monitor-interval": "500ms",
    # Dask's own would set one thread, and let malloc give back memory after every step of a training.
    "distributed.nanny.pre-spawn-environ": {QUIET: "critical"},
}


def threads(params: Any) -> int | None:
    """Give the threads of a unit: those that were asked for or, on this machine, its share of the cores.

    That does not depend on how many units there are, or one that was stopped could go on with other threads. For the
    same reason the workers of a running scheduler are not counted: None, and each has what its environment says.
    """
    if params.threads or params.scheduler:
        return int(params.threads) if params.threads else None
    return asked_threads() or max(1, usable() // workers(params))


@cache
def warn_of_threads(scheduler: str) -> None:
    """Warn, once for a scheduler, that its workers may differ in the threads of a unit."""
    logger.warning(
        "launcher.threads is not named, so each worker of %s computes with its own OMP_NUM_THREADS: a unit that is "
        "stopped may go on with other threads elsewhere",
        scheduler,
    )


def security(params: Any) -> Security:
    """Give the certificates to connect with: those of the parameters, else those of Dask's own configuration."""
    if not params.tls_ca:
        return Security()
    files = {"tls_ca_file": params.tls_ca, "require_encryption": True}
    for role in ("client", "scheduler", "worker"):
        files |= {f"tls_{role}_cert": params.tls_cert, f"tls_{role}_key": params.tls_key}
    return Security(**files)


@contextmanager
def quiet() -> Iterator[None]:
    """Let Dask log nothing here: what matters of it is told in the words of this project."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    before, told = [one.level for one in loggers], os.environ.get(QUIET)
    try:
        for one in loggers:
            one.setLevel(logging.CRITICAL)
        yield
    finally:
        os.environ.pop(QUIET, None)  # Dask sets it for this process too
        os.environ |= {QUIET: told} if told is not None else {}
        for one, level in zip(loggers, before, strict=True):
            one.setLevel(level)


@contextmanager
def local(params: Any, units: int, security: Security) -> Iterator[LocalCluster]:
    """Start scheduler and workers on this machine; nobody outside of it can reach them."""
    count = min(workers(params), units)
    with dask.config.set(OF_LOCAL_WORKERS):
        cluster = LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            processes=True,
            host=LOOPBACK,
            dashboard_address=f"{LOOPBACK}:0",
            worker_dashboard_address=f"{LOOPBACK}:0",
            silence_logs=logging.CRITICAL,
            security=security,
            resources=params.resources or None,
        )
        with cluster:
            logger.info(
                "workers: %d, threads of each: %s; dashboard: %s", count, threads(params), cluster.dashboard_link
            )
            yield cluster


@contextmanager
def client(cluster: LocalCluster | str, security: Security, patience: float) -> Iterator[Client]:
    """Connect to a scheduler.

    Args:
        cluster: of this process, or the address of a scheduler.
        security: to connect with.
        patience: for how many seconds to try again.

    Raises:
        UserError: nobody answers there, or not to us.
    """
    if isinstance(cluster, str):
        _knock(cluster, security, patience)
    with Client(cluster, security=security, set_as_default=False) as client:
        if isinstance(cluster, str):
            known = client.scheduler_info(n_workers=-1)
            shown = f"; dashboard: {client.dashboard_link}" if "dashboard" in known["services"] else ""
            logger.info("%d workers at %s%s", len(known["workers"]), cluster, shown)
        yield client


def _knock(address: str, security: Security, patience: float) -> None:
    """Connect to a scheduler and hang up: a `Client` that could not connect would wait for a minute when it is dropped.

    Raises:
        UserError: nobody answers there, or not to us.
    """

    async def knock() -> None:
        comm = await connect(address, **security.get_connection_args("client"))
        await comm.close()

    deadline = time.monotonic() + patience
    while True:
        try:
            with ThreadPoolExecutor(1) as thread:  # in a notebook, this thread has its own event loop
                thread.submit(asyncio.run, knock()).result()
            return
        except (OSError, ValueError, TypeError, RuntimeError) as error:  # Dask raises all of them
            if time.monotonic() > deadline:
                raise UserError(
                    f"launcher.scheduler: cannot connect to {address} ({error}). Is a scheduler running there, and are "
                    "launcher.tls_ca, tls_cert and tls_key those that it asks for? Finished records are kept"
                ) from error
            time.sleep(1)
