"""The command line in a separate process, forked from one that has imported the libraries: two thirds of a short run.

What depends on when a library reads the environment needs a process that is started afresh.
"""

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import time
from multiprocessing.context import ForkServerProcess
from pathlib import Path

LIBRARIES = (
    "mnistm_da",  # before torch: it sets how idle threads wait
    "torch._dynamo",
    "torchmetrics",
    "pytorch_adapt.validators",
    "sklearn.linear_model",
    "sklearn.manifold",
    "matplotlib.pyplot",
    "pandas",
    "pydantic",
    "omegaconf",
    "dynaconf",
    "requests",
    "sqlalchemy",
    "upath",
    "pathspec",
    "pyarrow",
    "plotly.graph_objects",
)
OF_THE_FOLDER = ("kedro", "kedro_datasets", "mnistm_da")
"""Packages that are imported anew: what they are depends on the folder and on the environment."""


class Forked:
    """As `subprocess.Popen`, as far as the tests need it: a run of ``python -m kedro``.

    Args:
        args: of the command.
        cwd: folder that it starts in.
        env: all variables of its environment.
        output: file of its output and errors.
        errors: file of its errors, if another.
    """

    def __init__(
        self, args: list[str], cwd: Path, env: dict[str, str], output: Path, errors: Path | None = None
    ) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([*LIBRARIES])
        self._process: ForkServerProcess = context.Process(target=_run, args=(args, cwd, env, output, errors))
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Give the exit code, below zero if a signal ended it.

        Raises:
            subprocess.TimeoutExpired: it still runs after so many seconds.
        """
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("kedro", timeout or 0)
        return self._process.exitcode

    def wait_or_kill(self, timeout: float) -> int:
        """Do the same, and leave nothing that runs."""
        try:
            return self.wait(timeout)
        finally:
            self.kill()

    def kill(self) -> None:
        self._process.kill()


def _run(args: list[str], cwd: Path, env: dict[str, str], output: Path, errors: Path | None) -> None:
    for stream, path in ((1, output), (2, errors or output)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # the server ignores it
    for name in [name for name in sys.modules if name.partition(".")[0] in OF_THE_FOLDER]:
        del sys.modules[name]
    if threads := env.get("OMP_NUM_THREADS"):  # read before the fork, when torch was loaded
        import torch

        torch.set_num_threads(int(threads))
    sys.argv = ["kedro", *args]
    sys.path[0:0] = [str(cwd)]
    runpy.run_module("kedro", run_name="__main__", alter_sys=True)
