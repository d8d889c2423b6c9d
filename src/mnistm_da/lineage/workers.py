"""The ParallelRunner's workers, told which project they work for.

A worker that is forked knows it. One that is started afresh (macOS, Windows, Linux from Python 3.14 on) does not: Kedro
runs no hooks there, and versions would be saved without a record.
"""

from multiprocessing.reduction import ForkingPickler
from typing import Any

from kedro.framework import project
from kedro.runner.task import Task


def tell_workers(package: str) -> None:
    """Let every task that is sent to another process configure the project ``package`` there."""
    ForkingPickler.register(Task, lambda task: (_arrive, (package, dict(vars(task)))))


def _arrive(package: str, attributes: dict[str, Any]) -> Task:
    if project.PACKAGE_NAME is None and not project.settings.configured:
        # Not `configure_project`: knowing the package, Kedro would configure its logging with itself, without end.
        project.settings.configure(f"{package}.settings")
        project.pipelines.configure(f"{package}.pipeline_registry")
    task = Task.__new__(Task)
    vars(task).update(attributes)
    return task
