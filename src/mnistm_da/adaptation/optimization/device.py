"""Which device to compute on, and a progress bar that lives with rich logging."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from rich import get_console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mnistm_da.adaptation.optimization.loop import Bar
from mnistm_da.cores import threads
from mnistm_da.errors import UserError

NAMES = ("auto", "cpu", "cuda", "mps")


def resolve_device(name: str) -> torch.device:
    """Give the device to compute on.

    Args:
        name: ``auto`` for CUDA where there is any, else the processor; or ``cpu``, ``cuda``, ``cuda:1``, …, ``mps``.
            Apple's ``mps`` is only taken when it is named: no result of this project was made on one yet.

    Raises:
        UserError: the name is unknown, or this machine has no such device.
    """
    if name.partition(":")[0] not in NAMES:
        raise UserError(f"there is no device '{name}'; known: {', '.join(NAMES)}")
    usable = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    device = torch.device(("cuda" if usable["cuda"] else "cpu") if name == "auto" else name)
    if not usable[device.type] or (device.index or 0) >= max(1, torch.cuda.device_count()):
        here = ", ".join(kind for kind, is_usable in usable.items() if is_usable)
        raise UserError(f"device '{name}' was asked for, but this machine has only: {here}. Use device=auto")
    return device


def use_device(name: str) -> torch.device:
    """Give the device of `resolve_device`; let a processor compute with as many threads as `threads` says."""
    device = resolve_device(name)
    if device.type == "cpu" and torch.get_num_threads() != threads():
        torch.set_num_threads(threads())
    return device


def describe(device: torch.device) -> str:
    """Name a device for the log: the graphics card, or the number of processor threads."""
    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    return f"{device} ({threads()} threads)" if device.type == "cpu" else str(device)


def facts(device: torch.device) -> dict[str, Any]:
    """Give what of a device can change the last bits of a result: of a processor, threads and vector instructions."""
    found: dict[str, Any] = {"device": describe(device)}
    if device.type == "cpu":
        found |= {"threads": threads(), "vector instructions": torch.backends.cpu.get_cpu_capability()}
    return found


@contextmanager
def progress_bar(steps: int) -> Iterator[Bar]:
    """Open a bar over a number of steps on the terminal that logging writes to; nothing where there is none."""
    console = get_console()
    if not console.is_terminal:
        yield lambda description: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("training", total=steps)
        yield lambda description: progress.update(task, advance=1, description=description)
