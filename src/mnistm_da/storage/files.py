"""Files on a disk and objects in a store, read, listed, copied and deleted in the same way."""

import errno
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard
from uuid import uuid4

from upath import UPath

from .errors import told


def is_local(path: Any) -> TypeGuard[Path]:
    """Whether a path is on a disk of this machine."""
    return isinstance(path, Path)


def uncached(files: Any) -> Any:
    """Let a file system of fsspec look up every listing: another run may have saved something since the last one."""
    files.dircache.use_listings_cache = False
    files.dircache.clear()
    return files


def exists(path: UPath) -> bool:
    """Whether there is such a file: of a version, ``…/NAME/VERSION/FILE``."""
    if not is_local(path) and _listings.get() is not None:
        return path.path in _objects(path.parents[1])
    return is_there(path)


def is_there(path: UPath) -> bool:
    """Whether there is such a file, of no version: asked anew each time."""
    if is_local(path):
        return path.exists()
    with told(path):
        return bool(uncached(path.fs).exists(path.path))


def read(path: UPath) -> bytes:
    """Give the content.

    Raises:
        FileNotFoundError: there is none.
    """
    if is_local(path):
        return path.read_bytes()
    try:
        with told(path, absent=FileNotFoundError):
            content: bytes = uncached(path.fs).cat_file(path.path)
            return content
    except FileNotFoundError as error:
        raise FileNotFoundError(errno.ENOENT, "there is no such object", str(path)) from error


AT_ONCE = 200
"""Objects that are asked for together."""


def read_all(paths: Sequence[UPath]) -> Iterator[bytes]:
    """Give the contents in this order; of a store, many are asked for at a time.

    Raises:
        FileNotFoundError: one is not there.
    """
    for start in range(0, len(paths), AT_ONCE):
        some = paths[start : start + AT_ONCE]
        if is_local(some[0]):
            yield from (path.read_bytes() for path in some)
            continue
        with told(some[0], absent=FileNotFoundError):  # `cat` would take a bracket in a name for a pattern
            found = uncached(some[0].fs).cat_ranges([path.path for path in some], None, None, on_error="raise")
        yield from found


def size(path: UPath) -> int:
    """Give the number of bytes of such a file."""
    if is_local(path):
        return path.stat().st_size
    if _listings.get() is not None:
        return _objects(path.parents[1])[path.path]
    with told(path):
        return int(uncached(path.fs).info(path.path)["size"])


def age(path: UPath) -> float:
    """Give the seconds since it was written; infinitely many, if it is gone by now."""
    with told(path), suppress(FileNotFoundError):
        return float(time.time() - uncached(UPath(path).fs).modified(UPath(path).path).timestamp())
    return float("inf")


class File(NamedTuple):
    """A file or an object.

    Attributes:
        path: where.
        bytes: its size.
        content: the same for all names of one file.
        names: that its content has: more than one on a disk with hard links.
    """

    path: UPath
    bytes: int
    content: Any
    names: int


def below(place: UPath) -> list[File]:
    """Give a file, or all files in a folder and its folders; in a store by one listing, which must be complete."""
    if is_local(place):
        found = [(one, one.stat()) for one in (place.rglob("*") if place.is_dir() else [place]) if one.is_file()]
        return [File(UPath(path), stat.st_size, stat.st_ino, stat.st_nlink) for path, stat in found]
    objects = sorted(_objects(place).items())
    inside = [name.removeprefix(place.path).strip("/") for name, _ in objects]
    return [
        File(place / relative if relative else place, size, name, 1)
        for relative, (name, size) in zip(inside, objects, strict=True)
    ]


@contextmanager
def listed_once() -> Iterator[None]:
    """Let a store list every layer of the data once within, where many versions are looked for.

    Versions that others save meanwhile are not seen.
    """
    known = _listings.get()
    token = _listings.set({} if known is None else known)
    try:
        yield
    finally:
        _listings.reset(token)


_listings: ContextVar[dict[str, dict[str, int]] | None] = ContextVar("_listings", default=None)
"""The listings made within `listed_once`, by folder."""


def _objects(place: UPath) -> dict[str, int]:
    """Give the size of every object below a place, by its name in the store."""
    listings = _listings.get()
    if listings is None:
        return _listed(place)
    layer = str(place.parent)
    if layer not in listings:
        listings[layer] = _listed(place.parent)
    return {
        name: size for name, size in listings[layer].items() if name == place.path or name.startswith(f"{place.path}/")
    }


def _listed(place: UPath) -> dict[str, int]:
    with told(place):
        found = uncached(place.fs).find(place.path, detail=True)
    return {name: int(info["size"]) for name, info in found.items()}


def children(folder: UPath, ending: str = "") -> list[UPath]:
    """Give what a folder has whose names end so, sorted; nothing if there is no folder."""
    names: list[str] = []
    if is_local(folder) and folder.is_dir():
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries]
    elif not is_local(folder):
        with told(folder), suppress(FileNotFoundError):
            found = uncached(folder.fs).ls(folder.path, detail=False)
            names = [name.rstrip("/").rpartition("/")[2] for name in found]
    # Names are sorted, and not paths: to make or to compare a path takes longer than all else here.
    return [folder / name for name in sorted(name for name in names if name.endswith(ending))]


@contextmanager
def at_hand(path: UPath) -> Iterator[UPath]:
    """Give a path that can be read often: on a disk the same, of a store a copy in memory, made by one request.

    Raises:
        FileNotFoundError: there is no such object.
    """
    if is_local(path):
        yield UPath(path)
        return
    with in_memory(path.name) as copy:
        copy.fs.pipe_file(copy.path, read(path))
        yield copy


@contextmanager
def in_memory(name: str) -> Iterator[UPath]:
    """Give a path of that name in this process's memory; it is gone when the block ends."""
    folder = UPath(f"memory:///{uuid4().hex}")
    try:
        yield folder / name
    finally:
        with suppress(FileNotFoundError):
            folder.fs.rm(folder.path, recursive=True)


def copy(version: UPath, to: UPath) -> None:
    """Copy the folder of a version, the data last."""
    if is_local(version):
        shutil.copytree(version, str(to))
        return
    with told(to):
        for file in sorted(below(version), key=lambda file: _is_data(file.path)):
            to.fs.cp_file(file.path.path, (to / file.path.name).path)


def move(version: UPath, to: UPath) -> None:
    """Give the folder of a version another place, where it is whole or not there."""
    if is_local(version):
        to.parent.mkdir(parents=True, exist_ok=True)
        version.replace(str(to))
    else:
        copy(version, to)
        delete(version)


def delete(path: UPath) -> None:
    """Delete a file, or a folder; nothing happens if it is gone. After a kill there is no half version."""
    with suppress(FileNotFoundError):  # somebody else was quicker
        if is_local(path):
            _delete_on_disk(path)
            return
        with told(path, absent=FileNotFoundError):
            for file in sorted(below(path), key=lambda file: not _is_data(file.path)):
                file.path.fs.rm_file(file.path.path)


def _delete_on_disk(path: Path) -> None:
    if not path.is_dir():
        path.unlink()
        return
    doomed = path if path.name.startswith(".") else path.with_name(f".{path.name}.deleted")
    path.rename(doomed)
    shutil.rmtree(doomed)


def _is_data(path: UPath) -> bool:
    """Whether these are a version's data, which lie in ``NAME/VERSION/NAME``."""
    return path.name == path.parent.parent.name
