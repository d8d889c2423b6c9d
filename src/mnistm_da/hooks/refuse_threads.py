"""Runs whose nodes would share one process in several threads are refused."""

import threading
from typing import Any, NoReturn

import click
from kedro.framework.hooks import hook_impl

ALTERNATIVE = "Leave it out, or use --runner=ParallelRunner, which runs every node in a process with its own generator"


class RefuseThreads:
    """Refuse ``--async`` and the ThreadRunner, by name or by what they do, before data are read.

    Trainings in threads would draw from one random generator, in an order that changes from run to run. Saves in
    threads would not know which node they belong to, and generator nodes cannot be saved there at all.
    """

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self, run_params: dict[str, Any]) -> None:
        """Refuse the ThreadRunner, and note the thread that the run was started in.

        Raises:
            click.UsageError: names the runner, the reason and the alternative.
        """
        if "ThreadRunner" in str(run_params.get("runner")):
            refuse("ThreadRunner")
        self._thread = threading.current_thread()

    @hook_impl(tryfirst=True)
    def before_dataset_loaded(self) -> None:
        """Refuse any other way of running nodes, or of loading and saving, in threads.

        Kedro tells hooks only at the first node that a run is asynchronous; the first load comes before.

        Raises:
            click.UsageError: names the reason and the alternative.
        """
        # A worker process has no note: it works in its main thread.
        if threading.current_thread() is not (self._thread or threading.main_thread()):
            refuse("--async (is_async=True), or a runner that works in threads,")


def refuse(what: str) -> NoReturn:
    """Say why a run with ``what`` is refused.

    Raises:
        click.UsageError: always.
    """
    raise click.UsageError(
        f"{what} cannot be used here: threads would share one random generator, so that a seed no longer gives the "
        f"same model. Their results would have no record of their inputs. Nothing was run. {ALTERNATIVE}."
    )
