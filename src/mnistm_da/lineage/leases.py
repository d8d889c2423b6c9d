"""Runs under way, each told by a small file, so that `kedro prune` takes nothing that one of them may still read.

While a run is under way, prune keeps of every dataset what was the newest version when the run began, all that came
since, what the run was told to load by name, and all that these were made from.
"""

import hashlib
import json
import os
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline

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
    """Hook: keeps a lease while a pipeline runs, and lets the run load of its own outputs only what it made itself.

    Args:
        root: gives the folder of all layers of a catalog; nothing if it is not on a disk of this computer.
    """

    def __init__(self, root: Callable[[CatalogProtocol], Path | None]) -> None:
        self.root = root
        self._held: dict[str, Path] = {}

    @hook_impl(trylast=True)  # after the checks that may refuse the run
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """Write the lease."""
        if not run_params.get("only_missing_outputs"):  # else an output may be an earlier run's, its node left out
            for name in pipeline.all_outputs():
                dataset: Any = catalog.get(name)
                if hasattr(dataset, "made_by_this_run"):
                    dataset.made_by_this_run = True
        root, version = self.root(catalog), run_params["run_id"]
        if root:
            lease = write(root, mine(version, run_params.get("load_versions")))
            self._held |= {version: lease} if lease else {}

    @hook_impl
    def after_pipeline_run(self, run_params: dict[str, Any]) -> None:
        """Take the lease away."""
        lease = self._held.pop(run_params["run_id"], None)
        if lease:
            lease.unlink(missing_ok=True)

    @hook_impl
    def on_pipeline_error(self, run_params: dict[str, Any]) -> None:
        """Do the same after a run that failed; after Ctrl-C or a kill, the lease counts no longer than its process."""
        self.after_pipeline_run(run_params)


def write(root: Path, lease: Lease) -> Path | None:
    """Write a lease, whole or not at all, and give its path; nothing where the data's folder is not writable."""
    path = root / FOLDER / f"{lease.version}.{lease.process}.json"
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(asdict(lease)), encoding="utf-8")
        temporary.replace(path)
    except OSError:
        return None  # the first save says why
    return path


def mine(version: str, pinned: dict[str, str] | None = None) -> Lease:
    """Give the lease of a run of this process."""
    return Lease(_host(), os.getpid(), version, pinned or {})


def all_leases(root: Path) -> dict[Path, Lease]:
    """Give all leases there are, by their files."""
    found = {}
    for path in sorted((root / FOLDER).glob("*.json")):
        try:
            found[path] = Lease(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):  # its run ended meanwhile, or it is none
            continue
    return found


def left_over(root: Path) -> list[Path]:
    """Give what runs that are no more left among the leases: the leases, and folders of `saved_elsewhere`."""
    held = {path.stem for path, lease in all_leases(root).items() if is_held(path, lease)}
    there = sorted((root / FOLDER).iterdir()) if (root / FOLDER).is_dir() else []
    return [path for path in there if not any(one in path.name for one in held) and not _is_being_written(path)]


def _is_being_written(path: Path) -> bool:
    process = path.name.split(".")[-2] if path.suffix == ".tmp" else ""
    return process.isdigit() and is_alive(int(process))


def is_held(path: Path, lease: Lease) -> bool:
    """Whether the run is still under way: its process lives or, on another computer, may live."""
    if lease.host == _host():
        return is_alive(lease.process)
    return path.exists() and time.time() - path.stat().st_mtime < OTHER_HOSTS_DAYS * 24 * 3600


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
