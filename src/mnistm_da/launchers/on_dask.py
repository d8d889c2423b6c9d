"""The launcher on Dask: whole units in processes, one at a time each, of this machine or of a cluster.

Dask does the scheduling: a unit of a process that died is given to another one. Names, parameters and finished records
are sent; data and states of trainings go through the storage.
"""

import asyncio
import logging
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any
from uuid import uuid4

import dask
from distributed import Client, KilledWorker, LocalCluster, as_completed
from distributed.client import FutureCancelledError
from distributed.comm import connect
from distributed.security import Security

from mnistm_da.cores import usable
from mnistm_da.errors import UserError

from . import Failure, Outcome, Unit, Work
from .in_worker import Told, misfits, run_unit
from .lines import Lines
from .local import devices, has_device, workers

logger = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
GROUP = "mnistm-da"
"""First part of the keys of all units: Dask keeps tasks of a group at the scheduler until a worker is free."""

DIED = (
    "its process ended {} times without a traceback. Mostly it had too little memory: start fewer workers, "
    "or give each more (dask worker --memory-limit)"
)

PATIENCE = 600
"""Seconds to wait for a scheduler that was there before."""

QUIET = "DASK_LOGGING__DISTRIBUTED"
"""The environment variable by which Dask's own log is set where it is imported."""

OF_LOCAL_WORKERS = {
    "distributed.worker.profile.enabled": False,  # it looks at every thread a hundred times a second
    # Dask's own would set one thread, and let malloc give back memory after every step of a training.
    "distributed.nanny.pre-spawn-environ": {QUIET: "critical"},
}


class _SchedulerGoneError(Exception):
    """The connection to the scheduler is lost, with everything that was sent."""


def launch(units: Sequence[Unit], work: Work, params: Any) -> Iterator[tuple[Unit, Outcome]]:
    """Run units on a cluster that is started for them, or on a running one.

    Args:
        units: to be run.
        work: on each.
        params: `LauncherParams`.

    Yields:
        A unit and its record, or what it failed of.

    Raises:
        UserError: there is no scheduler at the address, or none any more; a worker does not fit.
    """
    left = {unit.name: unit for unit in units}
    if not left:
        return
    is_local = params.scheduler is None
    own = devices() if is_local and has_device(params) else ()
    told = Told(f"{GROUP}-{uuid4().hex}", _threads(params), has_device(params), is_local, own)
    with ExitStack() as stack:
        stack.enter_context(_quiet())
        security = _security(params)
        cluster = params.scheduler or stack.enter_context(_local(params, len(left), security))
        lines = stack.enter_context(Lines(units))
        patience = 0.0
        while left:
            with _client(cluster, security, patience) as client:
                client.subscribe_topic(told.run, lines.hear)
                _refuse_misfits(client, work, told)
                try:
                    for unit, outcome in _finished(client, list(left.values()), work, told, params.resources, lines):
                        del left[unit.name]
                        lines.end(unit, outcome)
                        yield unit, outcome
                except _SchedulerGoneError:
                    logger.warning("the scheduler is gone: waiting for it for up to %d minutes", PATIENCE // 60)
                    patience = PATIENCE


def _threads(params: Any) -> int | None:
    """Give the threads of a unit: those that were asked for or, on this machine, its share of the cores."""
    if params.threads or params.scheduler:
        return int(params.threads) if params.threads else None
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return int(asked) if asked.isdigit() else max(1, usable() // workers(params))


def _security(params: Any) -> Security:
    """Give the certificates to connect with: those of the parameters, else those of Dask's own configuration."""
    if not params.tls_ca:
        return Security()
    files = {"tls_ca_file": params.tls_ca, "require_encryption": True}
    for role in ("client", "scheduler", "worker"):
        files |= {f"tls_{role}_cert": params.tls_cert, f"tls_{role}_key": params.tls_key}
    return Security(**files)


@contextmanager
def _quiet() -> Iterator[None]:
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
def _local(params: Any, units: int, security: Security) -> Iterator[LocalCluster]:
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
            logger.info("%d workers with %s threads; dashboard: %s", count, _threads(params), cluster.dashboard_link)
            yield cluster


@contextmanager
def _client(cluster: LocalCluster | str, security: Security, patience: float) -> Iterator[Client]:
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


def _refuse_misfits(client: Client, work: Work, told: Told) -> None:
    """Refuse a cluster that has workers with other code, libraries or data; those that come later refuse themselves."""
    found = client.run(misfits, work, told, on_error="return")
    wrong = {
        address: [f"{type(answer).__name__}: {answer}"] if isinstance(answer, BaseException) else answer
        for address, answer in found.items()
        if answer
    }
    if wrong:
        each = "\n".join(f"  {address}: {'; '.join(why)}" for address, why in wrong.items())
        raise UserError(
            f"{len(wrong)} of {len(found)} workers do not fit, and nothing was sent to any of them. Start them anew "
            f"with this code, these libraries and this storage:\n{each}"
        )


def _finished(
    client: Client, units: list[Unit], work: Work, told: Told, resources: dict[str, float] | None, lines: Lines
) -> Iterator[tuple[Unit, Outcome]]:
    """Send units, and give each with its outcome when it has one.

    Raises:
        _SchedulerGoneError: before all were finished.
    """
    by_key = {(GROUP, unit.name): unit for unit in units}
    run = partial(run_unit, work=work, told=told)
    sent = client.map(run, units, key=list(by_key), resources=resources or None, pure=False)
    waiting = as_completed(sent, loop=client.loop)
    del sent  # a result that was taken is forgotten
    for batch in waiting.batches():
        finished = [future for future in batch if future.status == "finished"]
        try:
            outcomes = client.gather(finished)
        except (FutureCancelledError, OSError) as error:
            raise _SchedulerGoneError from error
        yield from ((by_key[future.key], outcome) for future, outcome in zip(finished, outcomes, strict=True))
        for future in set(batch) - set(finished):
            unit = by_key[future.key]
            if future.status != "error":
                raise _SchedulerGoneError
            if not isinstance(future.exception(), KilledWorker):
                yield unit, Failure(str(future.exception()))
            elif lines.begun[unit.name] > future.exception().allowed_failures:
                yield unit, Failure(DIED.format(lines.begun[unit.name]))
            else:  # Dask also counts the ends of workers at which a unit was only waiting
                future.retry()
                waiting.add(future)
