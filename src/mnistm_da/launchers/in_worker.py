"""The work of a Dask worker on a unit: check whether it fits, set threads and device, run the unit, and report."""

import logging
import os
import time
import traceback
from dataclasses import dataclass
from typing import Any

import rich
from distributed import Reschedule, get_worker

from . import Failure, Outcome, Unit, Work
from .local import devices


@dataclass(frozen=True)
class Told:
    """The settings that a worker gets beside its unit.

    Attributes:
        run: name of the run, and of the topic under which progress is told.
        threads: that a unit computes with; None: as many as the worker's environment says.
        has_device: whether a unit has a GPU to itself.
        is_local: whether the worker was started by this run, on the same machine and terminal.
        devices: of that machine; its workers are numbered.
    """

    run: str
    threads: int | None
    has_device: bool
    is_local: bool
    devices: tuple[str, ...] = ()


class _Cancelled(BaseException):
    """Nobody waits for the unit any more: no `Exception`, which a dataset would wrap in another one."""


_looked_at: dict[str, list[str]] = {}
"""The misfits of this process, by the name of the run."""


def misfits(work: Work, told: Told, dask_worker: Any) -> list[str]:
    """Say why this worker, which Dask gives by that name, must not do the work, a line each."""
    _prepare(dask_worker, told)
    if told.run not in _looked_at:
        _looked_at.clear()
        _looked_at[told.run] = _shared(dask_worker.state, told) + work.misfits()
    return _looked_at[told.run]


def run_unit(unit: Unit, work: Work, told: Told) -> Outcome:
    """Do the work on a unit.

    Raises:
        Reschedule: this worker does not fit and leaves the cluster, or nobody waits for the unit any more.
    """
    worker = get_worker()
    key = worker.get_current_task()
    worker.log_event(told.run, {"unit": unit.name})  # now: to read its data can end the process, too
    wrong = misfits(work, told, worker)
    if wrong:
        worker.log_event(told.run, {"refused": worker.address, "because": wrong, "unit": unit.name})
        worker.loop.add_callback(worker.close_gracefully, reason="; ".join(wrong))
        time.sleep(1)  # or it would be given the next unit before it has left
        raise Reschedule

    def tell(done: int, epochs: int, seconds: float) -> None:
        worker.log_event(told.run, {"unit": unit.name, "done": done, "epochs": epochs, "seconds": seconds})
        task = worker.state.tasks.get(key)
        if task is None or task.state == "cancelled":
            raise _Cancelled

    try:
        return work(unit, tell)
    except _Cancelled:
        raise Reschedule from None
    except Exception:  # as text: it is to be read, and not every error can be sent
        return Failure(traceback.format_exc())


def _shared(state: Any, told: Told) -> list[str]:
    """Say what units would share with others that run at the same time, by the state of a worker."""
    found = []
    if state.nthreads > 1:
        found.append(f"it runs {state.nthreads} units at a time, which would share one random generator: --nthreads 1")
    is_told = told.is_local or "CUDA_VISIBLE_DEVICES" in os.environ
    if told.has_device and not is_told and "GPU" in state.total_resources and (count := len(devices())) > 1:
        found.append(
            "CUDA_VISIBLE_DEVICES is not set there, so all workers of that machine would share the first of its "
            f"{count} GPUs: start each with its own, such as CUDA_VISIBLE_DEVICES=0, or use dask-cuda"
        )
    return found


def _prepare(worker: Any, told: Told) -> None:
    """Set threads and device, before anything else: libraries read both when they are first asked about a device."""
    if told.threads:
        os.environ["OMP_NUM_THREADS"] = str(told.threads)
    if told.has_device:
        # dask-cuda puts a worker's own device first; workers of this run are numbered.
        found = told.devices if told.is_local else tuple(os.environ.get("CUDA_VISIBLE_DEVICES", "").split(","))
        if len(found) > 1:
            os.environ["CUDA_VISIBLE_DEVICES"] = found[worker.name % len(found) if told.is_local else 0]
    if told.is_local:
        # Its lines and its progress bar would mix with those of the run, which tells of every unit.
        logging.disable(logging.INFO)
        rich.reconfigure(force_terminal=False)
