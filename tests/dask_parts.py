"""Schedulers and workers for the tests of the launcher, as one starts them on a cluster."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from distributed import Scheduler, SpecCluster, Worker

from mnistm_da.parameters import LauncherParams

LOOPBACK = "127.0.0.1"
TESTS = Path(__file__).resolve().parent


def at(cluster, **more):
    return LauncherParams(name="dask", scheduler=getattr(cluster, "scheduler_address", cluster), **more)


def command(*arguments, path=(), only=None, **env):
    """Start a part of Dask as a process, as one does on a cluster.

    It looks for modules in the folders of ``path`` first; in those of ``only`` alone, if there are any.
    """
    path = os.pathsep.join(only or [*path, str(TESTS), str(TESTS.parent / "src")])
    # Without `site`, a project that was installed from its own folder is not found.
    program = [sys.executable, *(["-S"] if only else []), "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]]
    return subprocess.Popen(program, env=os.environ | env | {"PYTHONPATH": path}, stderr=subprocess.DEVNULL)


@contextmanager
def ended(process):
    """End a process after the block, however that ends."""
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def worker(address, *more, **how):
    options = ("--nthreads=1", "--no-nanny", "--no-dashboard", "--death-timeout=300")
    return command("worker", address, *options, *more, **how)


def in_this_process(*resources, security=None):
    """Start a cluster whose workers are threads of this process, each with its resources."""
    protocol = "tls" if security else "tcp"
    options = {"host": LOOPBACK, "protocol": protocol, "security": security}
    one = {"cls": Worker, "options": options | {"nthreads": 1}}
    return SpecCluster(
        scheduler={
            "cls": Scheduler,
            "options": options | {"dashboard": False, "dashboard_address": f"{LOOPBACK}:0", "port": 0},
        },
        workers={n: one | {"options": one["options"] | {"resources": has}} for n, has in enumerate(resources)},
        security=security,
        silence_logs="CRITICAL",
    )
