"""A run that is stopped by Ctrl-C or SIGTERM ends with one line: where it was, and the command that goes on."""

import multiprocessing
import os
import shlex
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from mnistm_da.hooks.progress import TellProgress

EXIT_CODE = 130
"""The shell's own of a command that Ctrl-C ended."""

AS_MODULE = "python -m kedro"


@contextmanager
def one_line_when_stopped(context: click.Context, typed: Sequence[str], progress: TellProgress) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the block, its workers too, with one line and `EXIT_CODE`.

    Args:
        context: of the command that runs.
        typed: its arguments.
        progress: of the run.
    """
    progress.forget()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    if threading.current_thread() is threading.main_thread():
        for number in before:
            signal.signal(number, _Stop())
    try:
        yield
    except KeyboardInterrupt:
        click.echo(told(progress, command(context), typed), err=True)
        raise SystemExit(EXIT_CODE) from None
    finally:
        if threading.current_thread() is threading.main_thread():
            for number, handler in before.items():
                signal.signal(number, handler)


class _Stop:
    """Handle a signal: a worker, which inherits this, ends at once; its parent ends its workers and then itself."""

    def __init__(self) -> None:
        self.process = os.getpid()

    def __call__(self, *_: Any) -> None:
        if os.getpid() != self.process:
            os._exit(EXIT_CODE)
        for worker in multiprocessing.active_children():
            if "Manager" not in worker.name:  # which the runner itself shuts down
                worker.kill()
        raise KeyboardInterrupt


def command(context: click.Context) -> str:
    """Give the command as it was started: ``kedro run``, ``python -m kedro run`` or ``python -m mnistm_da``."""
    program = context.find_root().info_name or "kedro"
    if program.endswith(AS_MODULE):  # click puts its own guess before Kedro's
        program = AS_MODULE
    return program if context.parent is None else f"{program} {context.info_name}"


def told(progress: TellProgress, started: str, typed: Sequence[str]) -> str:
    """Say where a run was stopped and how to go on.

    Args:
        progress: of the run.
        started: the command without its arguments.
        typed: the arguments.
    """
    if not progress.is_running:
        return "stopped before the first node: nothing was run"
    if progress.epochs:
        done, of = progress.epochs
        return f"stopped after epoch {done} of {of}; go on with {resuming(started, typed)}"
    place = progress.place(" (node {} of {})")
    where = f"in {progress.node}{place}" if progress.node else "while nodes ran in parallel"
    return f"stopped {where}; go on with {only_stale(started, typed)}"


def resuming(started: str, typed: Sequence[str]) -> str:
    """Give the command with ``resume=true`` among its parameters."""
    arguments = list(typed)
    for place, argument in reversed(list(enumerate(arguments))):
        if argument == "--params" and place + 1 < len(arguments):
            place, argument = place + 1, arguments[place + 1]  # noqa: PLW2901
        elif not argument.startswith("--params="):
            continue
        if "resume=true" not in argument:
            arguments[place] = f"{argument}{'' if argument.endswith(('=', ',')) else ','}resume=true"
        return shlex.join([*started.split(), *arguments])
    return shlex.join([*started.split(), *arguments, "--params=resume=true"])


def only_stale(started: str, typed: Sequence[str]) -> str:
    """Give the command that runs the remaining nodes."""
    more = [] if "--only-stale" in typed else ["--only-stale"]
    return shlex.join([*started.split(), *typed, *more])
