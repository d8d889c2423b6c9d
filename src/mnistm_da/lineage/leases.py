"""Runs under way, each told by a small file, so that `kedro prune` takes nothing that one of them may still read.

While a run is under way, prune keeps the version of each dataset that was the newest when the run began, and all later
ones. It also keeps the versions that the run was told to load, and all that these were made from.
"""

import errno
import hashlib
import json
import os
import platform
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

import click
from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol, DatasetError
from kedro.pipeline import Pipeline
from upath import UPath

from mnistm_da.storage import files
from mnistm_da.storage.errors import StoreError
from mnistm_da.storage.whole import whole_file

FOLDER = ".runs"
"""Beside the layers of the data; hidden."""

OTHER_HOSTS_DAYS = 14
"""The lease of a run on another computer, whose processes cannot be seen from here, counts for so long."""


@dataclass(frozen=True)
class Lease:
    """A run that is, or was, under way.

    Attributes:
        host: a hash of the computer's name.
        process: its id there.
        version: that the run saves; later versions have later names.
        pinned: versions that the run was told to load, by dataset.
    """

    host: str
    process: int
    version: str
    pinned: dict[str, str] = field(default_factory=dict)


class HoldLease:
    """Hook: keeps a lease while a pipeline runs, and lets the run load its outputs only in the versions it made itself.

    Args:
        root: gives the folder of all layers of a catalog.
    """

    def __init__(self, root: Callable[[CatalogProtocol], UPath]) -> None:
        self.root = root
        self._held: dict[str, UPath] = {}

    @hook_impl(trylast=True)  # after the checks that may refuse the run
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """Write the lease.

        Raises:
            click.UsageError: another run under way has the same version; what the two save would mix.
        """
        if not run_params.get("only_missing_outputs"):  # else an output may be an earlier run's, its node left out
            for name in pipeline.all_outputs():
                dataset: Any = catalog.get(name)
                if hasattr(dataset, "made_by_this_run"):
                    dataset.made_by_this_run = True
        version, root = run_params["run_id"], self.root(catalog)
        lease = write(root, mine(version, run_params.get("load_versions")))
        if lease and version in running(root, but=os.getpid()):
            files.delete(lease)
            raise click.UsageError(
                f"another run began in the same millisecond, and both would be version {version}. Nothing was run. "
                "Run the command again"
            )
        self._held |= {version: lease} if lease else {}

    @hook_impl(trylast=True)  # other hooks may still read what the run made
    def after_pipeline_run(self, run_params: dict[str, Any]) -> None:
        """Take the lease away."""
        lease = self._held.pop(run_params["run_id"], None)
        if lease:
            with suppress(StoreError):  # the results are saved; the lease counts no longer than this process
                files.delete(lease)

    @hook_impl(trylast=True)
    def on_pipeline_error(self, run_params: dict[str, Any]) -> None:
        """Do the same after a run that failed; after Ctrl-C or a kill, the lease counts no longer than its process."""
        self.after_pipeline_run(run_params)


def write(root: UPath, lease: Lease) -> UPath | None:
    """Write a lease, whole or not at all, and give its path; nothing where the data's folder is not writable."""
    path = root / FOLDER / f"{lease.version}.{lease.process}.json"
    try:
        with whole_file(path) as temporary:
            temporary.write_text(json.dumps(asdict(lease)), encoding="utf-8")
    except DatasetError:
        return None  # the first save says why
    return path


def mine(version: str, pinned: dict[str, str] | None = None) -> Lease:
    """Give the lease of a run of this process."""
    return Lease(_host(), os.getpid(), version, pinned or {})


def all_leases(root: UPath) -> dict[UPath, Lease]:
    """Give all leases there are, by their files."""
    found = {}
    for path in files.children(root / FOLDER):
        if path.suffix != ".json" or path.name.startswith("."):
            continue
        try:
            content = files.read(path)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ESTALE):  # its run ended meanwhile
                continue
            raise click.UsageError(
                f"{path} cannot be read ({error.strerror}), so it is not known whether its run is under way: let this "
                "user read it, or delete it if that run is over"
            ) from error
        with suppress(ValueError, TypeError):  # it is none
            found[path] = Lease(**json.loads(content))
    return found


def running(root: UPath, but: int | None = None) -> set[str]:
    """Give the versions of the runs under way, ``but`` those of a process of this computer."""
    held = (lease for path, lease in all_leases(root).items() if is_held(path, lease))
    return {lease.version for lease in held if (lease.host, lease.process) != (_host(), but)}


def left_over(root: UPath) -> list[UPath]:
    """Give what runs that are no more left among the leases: the leases, and folders of `saved_elsewhere`."""
    held = {path.stem for path, lease in all_leases(root).items() if is_held(path, lease)}
    there = files.children(root / FOLDER)
    return [path for path in there if not any(one in path.name for one in held) and not _is_being_written(path)]


def _is_being_written(path: UPath) -> bool:
    process = path.name.split(".")[-2] if path.suffix == ".tmp" else ""
    return process.isdigit() and is_alive(int(process))


def is_held(path: UPath, lease: Lease) -> bool:
    """Whether the run is still under way: its process lives or, on another computer, may live."""
    if lease.host == _host():
        return is_alive(lease.process)
    return files.age(path) < OTHER_HOSTS_DAYS * 24 * 3600


def is_alive(process: int) -> bool:
    """Whether there is a process of this number on this computer."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _host() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:12]
