"""Old versions: how a version came to be, step by step, and which ones nothing that is kept descends from."""

from collections.abc import Collection, Iterable
from typing import Any

from kedro.io import CatalogProtocol, DatasetError
from upath import UPath

from mnistm_da.kedro_private import place, saved, version_of, versioned_path
from mnistm_da.storage import files

from .leases import Lease, is_alive
from .protocol import RAW
from .trace import made_from, recorded


def versions(dataset: Any) -> list[str]:
    """Give the saved versions of a dataset, newest first; none if it is not versioned."""
    return sorted({path.parent.name for path in saved(dataset)}, reverse=True) if version_of(dataset) else []


def find(text: str, catalog: CatalogProtocol) -> tuple[str, str]:
    """Read ``DATASET`` (its newest version) or ``DATASET@VERSION``.

    Raises:
        DatasetError: there is no such dataset, or it has no such version; lists those it has.
    """
    name, _, version = text.partition("@")
    known = versions(catalog.get(name)) if name in catalog else []
    if not known:
        raise DatasetError(f"there is no saved version of a dataset '{name}'")
    if version and version not in known:
        raise DatasetError(f"'{name}' has no version {version}; it has {', '.join(known[:10])}")
    return name, version or known[0]


def chain(name: str, version: str, catalog: CatalogProtocol) -> list[tuple[str, str, dict[str, Any]]]:
    """Give name, version and record of everything a version was made from, each after what it was made from itself.

    All is told by records: of raw data, the content that was read then, and its place, take the place of a record.
    """
    steps: dict[tuple[str, str, str], dict[str, Any]] = {}
    seen: set[tuple[str, str]] = set()

    def follow(name: str, version: str) -> None:
        if (name, version) in seen:
            return
        seen.add((name, version))
        record = recorded(name, version, catalog)
        if not record:
            return
        for one, made in sorted(record.get("inputs", {}).items()):
            if made["version"] == RAW:
                steps[one, RAW, made["content"]] = {key: made[key] for key in ("content", "place") if key in made}
            else:
                follow(one, made["version"])
        steps[name, version, record["content"]] = record

    follow(name, version)
    return [(one, made, record) for (one, made, _), record in steps.items()]


def superseded(
    names: Iterable[str], keep: int, catalogs: Iterable[CatalogProtocol], running: Collection[Lease] = ()
) -> list[tuple[str, str, UPath]]:
    """Give the versions that are neither among the newest ``keep`` of their dataset nor ancestors of a kept one.

    While a run is under way, what it may read or has made is kept too; see `leases`.

    Args:
        names: of the datasets.
        keep: versions of each, at least 1.
        catalogs: where they are; several, if a parameter decides which file a name stands for.
        running: the runs under way.

    Returns:
        Name, version, and the version's folder.
    """
    names = list(names)
    every: dict[UPath, tuple[str, str]] = {}
    needed: set[UPath] = set()
    for catalog in catalogs:
        for name in names:
            known = versions(catalog.get(name))
            every |= {folder_of(name, version, catalog): (name, version) for version in known}
            for kept in {*known[:keep], *_in_use(name, known, running)}:
                _add_ancestry((name, kept), catalog, needed)
    return [(*named, folder) for folder, named in every.items() if folder not in needed]


def _add_ancestry(kept: tuple[str, str], catalog: CatalogProtocol, needed: set[UPath]) -> None:
    """Add the folders of a version and of its ancestors. A folder that is there already came with its ancestors."""
    open_ends = [kept]
    while open_ends:
        end = open_ends.pop()
        folder = folder_of(*end, catalog)
        if folder not in needed:
            needed.add(folder)
            open_ends += made_from(recorded(*end, catalog) or {})


def _in_use(name: str, known: list[str], running: Collection[Lease]) -> set[str]:
    """Give those of the known versions, newest first, that runs under way may read or have made."""
    found: set[str] = set()
    for run in running:
        since = sum(version >= run.version for version in known)
        found |= {*known[: since + 1], *(version for version in known if version == run.pinned.get(name))}
    return found


def folder_of(name: str, version: str, catalog: CatalogProtocol) -> UPath:
    """Give the folder of a saved version."""
    dataset: Any = catalog.get(name)
    return versioned_path(dataset, version).parent


def abandoned(names: Iterable[str], catalog: CatalogProtocol, running: Collection[Lease] = ()) -> list[UPath]:
    """Give what killed processes left: temporary files of saves, records without data, and versions half deleted.

    Args:
        names: of the datasets.
        catalog: where they are.
        running: the runs under way, perhaps on other computers; their files are not given.
    """
    found: list[UPath] = []
    in_use = {run.version for run in running}
    for name in names:
        dataset: Any = catalog.get(name)
        if not version_of(dataset):
            continue
        by_folder: dict[UPath, list[UPath]] = {}
        for file in files.below(place(dataset)):
            by_folder.setdefault(file.path.parent, []).append(file.path)
        for folder, there in by_folder.items():
            if folder.name not in in_use and not folder.name.startswith("."):
                found += _left(there, place(dataset).name)
        if files.is_local(place(dataset)):  # a store has no folders to rename
            found += place(dataset).glob(".*.deleted")
    return sorted(set(found))


def _left(there: list[UPath], data: str) -> list[UPath]:
    """Give what a save that did not end left in the folder of a version."""
    saves = {path: path.name.split(".")[-2] for path in there if path.suffix == ".tmp" and path.name.startswith(".")}
    dead = [path for path, process in saves.items() if process.isdigit() and not is_alive(int(process))]
    if len(dead) < len(saves) or any(path.name == data for path in there):
        return dead
    return dead + [path for path in there if path.name == f"{data}.lineage.json"]


def used(names: Iterable[str], catalog: CatalogProtocol) -> int:
    """Bytes of all versions of the datasets; what several versions share on a disk counts once."""
    places = {place(dataset) for dataset in map(catalog.get, names) if version_of(dataset)}
    return sum({file.content: file.bytes for one in places for file in files.below(one)}.values())


def freed(doomed: Iterable[UPath]) -> int:
    """Bytes that come free when files or folders are deleted; what a kept version shares its place with does not."""
    seen: dict[Any, tuple[int, int, int]] = {}
    for path in doomed:
        for file in files.below(path):
            here = seen.get(file.content, (0, 0, 0))[2] + 1
            seen[file.content] = (file.bytes, file.names, here)
    return sum(size for size, names, here in seen.values() if here == names)
