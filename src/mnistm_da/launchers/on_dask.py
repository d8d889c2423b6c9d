"""The launcher on Dask: whole units in processes, one at a time each, of this machine or of a cluster.

Dask does the scheduling: a unit of a process that died is given to another one. Names, parameters and finished records
are sent; data and states of trainings go through the storage.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any
from uuid import uuid4

from distributed import Client, KilledWorker, as_completed
from distributed.client import FutureCancelledError

from mnistm_da.errors import UserError

from . import Failure, Outcome, Unit, Work, clusters
from .in_worker import Told, misfits, run_unit
from .lines import Lines
from .local import devices, has_device

logger = logging.getLogger(__name__)

GROUP = "mnistm-da"
"""First part of the keys of all units: Dask keeps tasks of a group at the scheduler until a worker is free."""

DIED = (
    "its process ended {} times without a traceback. Mostly it had too little memory: start fewer workers, "
    "or give each more (dask worker --memory-limit)"
)

PATIENCE = 600
"""Seconds to wait for a scheduler that was there before."""


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
    told = Told(f"{GROUP}-{uuid4().hex}", clusters.threads(params), has_device(params), is_local, own)
    if not (told.threads or told.has_device):  # threads do not matter where a GPU computes
        clusters.warn_of_threads(params.scheduler)
    with ExitStack() as stack:
        stack.enter_context(clusters.quiet())
        security = clusters.security(params)
        cluster = params.scheduler or stack.enter_context(clusters.local(params, len(left), security))
        lines = stack.enter_context(Lines(units))
        patience = 0.0
        while left:
            with clusters.client(cluster, security, patience) as client:
                client.subscribe_topic(told.run, lines.hear)
                _refuse_misfits(client, work, told)
                _warn_of_missing(client, params.resources or {})
                try:
                    for unit, outcome in _finished(client, list(left.values()), work, told, params.resources, lines):
                        del left[unit.name]
                        lines.end(unit, outcome)
                        yield unit, outcome
                except _SchedulerGoneError:
                    logger.warning("the scheduler is gone: waiting for it for up to %d minutes", PATIENCE // 60)
                    patience = PATIENCE


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


def _warn_of_missing(client: Client, resources: dict[str, float]) -> None:
    """Say what no worker offers yet: units wait for one that does, and Dask is silent about that."""
    offered = [worker["resources"] for worker in client.scheduler_info(n_workers=-1)["workers"].values()]
    if not offered:
        logger.warning("there is no worker yet: units wait for one")
    elif not any(all(of.get(name, 0) >= count for name, count in resources.items()) for of in offered):
        wanted = " ".join(f"{name}={count:g}" for name, count in resources.items())
        logger.warning("no worker offers %s yet: units wait for one (dask worker --resources '%s')", wanted, wanted)


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
