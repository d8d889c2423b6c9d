"""What a node is made from now, and the hook that writes it down; the hook also refuses inputs that do not fit."""

import platform
import subprocess
import time
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from typing import Any

import click
from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol
from kedro.io.core import VersionNotFoundError
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node
from packaging.requirements import Requirement
from upath import UPath

from mnistm_da.kedro_private import load_path, version_of, versioned_path
from mnistm_da.storage import files

from . import records
from .code import fingerprint, fingerprint_of_modules
from .protocol import RAW, is_raw, place, read_with, reads
from .workers import tell_workers

NONE = {"extra": ""}
"""The environment of a requirement's marker in which no extra was asked for."""


def parameters(node: Node, catalog: CatalogProtocol, untraced: Collection[str]) -> dict[str, Any]:
    """Give the parameters a node reads, by their names without ``params:``, as plain values."""
    names = [name for name in node.inputs if name.startswith("params:") and name not in untraced]
    return {name.removeprefix("params:"): _plain(catalog.load(name)) for name in sorted(names)}


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else value


def newest(dataset: Any) -> tuple[str, UPath] | None:
    """Give version and path of what a dataset would load now; nothing if it has no version, or changes no result."""
    if not version_of(dataset) or not reads(dataset, "itself"):
        return None
    try:
        version = dataset.resolve_load_version()
        path = load_path(dataset)
    except VersionNotFoundError:
        return None
    return (version, path) if version and files.exists(path) else None


def read_by(node: Node, catalog: CatalogProtocol) -> list[str]:
    """Give the names of the datasets a node reads, as they are recorded; see `protocol.reads`."""
    data = [name for name in node.inputs if not name.startswith("params:") and name != "parameters"]
    return [one for name in data for one in reads(catalog.get(name), name)]


def code(node: Node, catalog: CatalogProtocol, package: str) -> dict[str, str]:
    """Give the hash of every file that a node is made from, and of those that read its raw data; see `fingerprint`."""
    readers = [module for name in read_by(node, catalog) for module in read_with(catalog.get(name))]
    return fingerprint_of_modules(readers, package) | fingerprint(node.func, package, node.namespace)


def inputs(node: Node, catalog: CatalogProtocol) -> dict[str, dict[str, str]]:
    """Give version and content of every recorded input that the node would load now; of raw data, also the place.

    Raises:
        DamagedRecordError: the record of an input was cut off, or changed by hand.
    """
    found = {}
    for name in read_by(node, catalog):
        here = current(name, catalog)
        if here:
            found[name] = {"version": here[0], "content": here[1]} | place(catalog.get(name))
    return found


def current(name: str, catalog: CatalogProtocol) -> tuple[str, str] | None:
    """Give version and content that a dataset would load now; nothing if there is none, or no record of it."""
    dataset: Any = catalog.get(name)
    if is_raw(dataset):
        return (RAW, dataset.content()) if dataset.exists() else None
    here = newest(dataset)
    record = records.read(here[1]) if here else None
    return (here[0], record["content"]) if here and record else None


class TraceRun:
    """Hook: gives every save of a node the record of what the node was made from.

    Args:
        package: whose code counts.
        untraced: parameters that do not change the outputs, such as how a run is continued.
        facts: gives more to be noted of a node by its parameters, such as what ``device: auto`` means here.
        running: gives the versions of runs under way. They may be later than this run's though the clock is right.
    """

    def __init__(
        self,
        package: str,
        untraced: Collection[str] = (),
        facts: Callable[[dict[str, Any]], dict[str, Any]] = lambda parameters: {},
        running: Callable[[CatalogProtocol], Collection[str]] = lambda catalog: (),
    ) -> None:
        self.package, self.untraced, self.facts, self.running = package, untraced, facts, running
        tell_workers(package)

    @hook_impl
    def before_node_run(self, node: Node, catalog: CatalogProtocol, run_id: str | None) -> None:
        """Note what the node is made from, until the next one runs."""
        values = parameters(node, catalog, self.untraced)
        with files.listed_once():
            read = inputs(node, catalog)
        records.making.set(
            {
                "node": node.name,
                "run": run_id,
                "code": code(node, catalog, self.package),
                "parameters": values,
                "inputs": read,
                "facts": self.facts(values) | {"python": platform.python_version(), "machine": platform.machine()},
                "libraries": libraries(self.package),
                "commit": commit(),
                "started": datetime.now(UTC).isoformat(timespec="seconds"),
                "clock": time.monotonic(),
            }
        )

    @hook_impl
    def after_pipeline_run(self) -> None:
        """Forget the last node: data that are saved outside of a run have no maker."""
        records.making.set(None)

    @hook_impl
    def on_pipeline_error(self) -> None:
        """Forget the node that failed, too."""
        records.making.set(None)

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """Refuse a run whose clock is behind, or whose inputs descend from different versions of the same dataset.

        Raises:
            click.UsageError: names the datasets, what they differ in, and the cure.
        """
        with files.listed_once():
            running = self.running(catalog)
            for name in sorted(pipeline.all_outputs()):
                _check_clock(name, catalog.get(name), running)
            _check_origin(pipeline, catalog)


def _check_origin(pipeline: Pipeline, catalog: CatalogProtocol) -> None:
    """Refuse inputs that descend from different versions of the same dataset, unless they were chosen by hand."""
    seen: dict[str, tuple[str, str, str]] = {}
    free = sorted(name for name in pipeline.inputs() if not name.startswith("params:") and name != "parameters")
    for name in free:
        dataset: Any = catalog.get(name)
        here, asked = newest(dataset), version_of(dataset)
        if not here or not asked or asked.load:  # chosen by hand
            continue
        for ancestor, version, content in ancestry(name, here[0], catalog):
            other, other_version, other_content = seen.setdefault(ancestor, (name, version, content))
            if other_content != content:
                raise click.UsageError(
                    f"the newest versions do not belong together: '{other}' comes from '{ancestor}' of "
                    f"{other_version}, '{name}' from that of {version}. Make the outdated one again with "
                    f"--only-stale, or choose versions with --load-versions={name}:VERSION"
                )


def _check_clock(name: str, dataset: Any, running: Collection[str]) -> None:
    """A version that sorts before one that is there already would never be loaded as the newest."""
    here, asked = newest(dataset), version_of(dataset)
    mine = asked.save if here and asked else None
    if here and asked and mine and here[0] > mine and here[0] not in running and not asked.load:
        raise click.UsageError(
            f"the clock of this machine is behind: this run would be version {mine} of '{name}', which has one of "
            f"{here[0]} already. Nothing was run. Set the clock right, or, if that version's is wrong, delete its "
            f"folder {here[1].parent}"
        )


def ancestry(name: str, version: str, catalog: CatalogProtocol) -> Iterator[tuple[str, str, str]]:
    """Give name, version and content of a saved version and of all versions recorded that it was made from."""
    open_ends, done = [(name, version)], set()
    while open_ends:
        end = open_ends.pop()
        if end in done:
            continue
        done.add(end)
        record = recorded(*end, catalog)
        if record:
            yield (*end, record["content"])
            open_ends += made_from(record)


def made_from(record: dict[str, Any]) -> list[tuple[str, str]]:
    """Give name and version of every saved input that a record names."""
    return [(one, made["version"]) for one, made in record.get("inputs", {}).items() if made["version"] != RAW]


def recorded(name: str, version: str, catalog: CatalogProtocol) -> dict[str, Any] | None:
    """Give the record of a saved version, if there is one.

    Raises:
        DamagedRecordError: it was cut off, or changed by hand.
    """
    dataset: Any = catalog.get(name)
    return records.read(versioned_path(dataset, version)) if dataset is not None else None


@cache
def libraries(package: str) -> dict[str, str]:
    """Versions of the package and of the libraries that it cannot do without: those of its extras make no number."""
    itself = package.replace("_", "-")
    try:
        wanted = [itself, *(metadata.requires(itself) or [])]
    except metadata.PackageNotFoundError:
        return {}
    found = {}
    for name in sorted(line.name for line in map(Requirement, wanted) if not line.marker or line.marker.evaluate(NONE)):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


@cache
def commit() -> str | None:
    """Give the git commit of the working folder, with ``+`` if something was changed since; none without git."""
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--abbrev=40", "--dirty=+", "--exclude=*"],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    return done.stdout.strip() or None
