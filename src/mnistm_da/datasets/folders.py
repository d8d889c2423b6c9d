"""Folders of files by name, each written whole: the memory of work that can be stopped and taken up again."""

import gc
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import numpy as np
from kedro.io import AbstractDataset, DatasetError
from kedro.io.core import get_protocol_and_path
from pydantic import TypeAdapter
from upath import UPath

from mnistm_da.hashes import sealed, unsealed
from mnistm_da.kedro_private import JSONPreview
from mnistm_da.storage import files
from mnistm_da.storage.whole import whole_file

JSON: TypeAdapter[Any] = TypeAdapter(Any)

SHOWN = 50
"""Results in a preview: more of them would only make a browser slow."""


class _Folder(AbstractDataset):
    """A folder of files by name, on a disk or in an object store."""

    def __init__(
        self, *, path: str, credentials: dict[str, Any] | None = None, metadata: dict[str, Any] | None = None
    ) -> None:
        protocol, place = get_protocol_and_path(path)
        self._folder = UPath(path) if protocol == "file" else UPath(f"{protocol}://{place}", **(credentials or {}))
        self.metadata = metadata

    @property
    def folder(self) -> UPath:
        """Where the files are."""
        return self._folder

    def _exists(self) -> bool:
        return True  # an empty folder is one too

    def _describe(self) -> dict[str, Any]:
        return {"folder": str(self._folder)}


class ResultsDataset(_Folder):
    """JSON results by name in one folder; a save adds results, and never takes one away or changes one.

    Not versioned: a result's name is to hold what it depends on, so that another setting makes another result.

    Raises:
        DatasetError: on load, when a result is not whole; names the file, which can be deleted. On save, when the disk
            is full or not writable.
    """

    def load(self) -> dict[str, Any]:
        results = {}
        paths = _named(self._folder, ".json")
        with _no_search_for_cycles():
            for path, content in zip(paths, files.read_all(paths), strict=True):
                try:
                    results[path.stem] = _parsed(content)
                except ValueError as error:
                    raise DatasetError(f"{path} is damaged ({error}); delete it, and it is made again") from error
        return results

    def one(self, name: str) -> Any:
        """Read one result; nothing if there is none."""
        try:
            return _parsed(files.read(self._folder / f"{name}.json"))
        except FileNotFoundError:
            return None

    def save(self, data: dict[str, Any]) -> None:
        for name, result in data.items():
            path = self._folder / f"{name}.json"
            if files.is_there(path):  # of another process that made the same
                continue
            with whole_file(path) as temporary:
                temporary.write_text(json.dumps(result, indent=1), encoding="utf-8")

    def preview(self) -> JSONPreview:
        """Show the first results in kedro-viz, and how many there are beside them."""
        paths = _named(self._folder, ".json")
        first = zip(paths[:SHOWN], files.read_all(paths[:SHOWN]), strict=True)
        shown = {path.stem: _parsed(content) for path, content in first}
        return JSONPreview(json.dumps(shown | ({"…": f"{len(paths) - SHOWN} more"} if len(paths) > SHOWN else {})))


class FailuresDataset(_Folder):
    """What became of work that failed, a text by name in one folder; it lasts until the work is done.

    A save of None takes a text away.
    """

    def load(self) -> dict[str, str]:
        return {path.stem: files.read(path).decode() for path in _named(self._folder, ".txt")}

    def save(self, data: dict[str, str | None]) -> None:
        for name, text in data.items():
            if text is None:
                files.delete(self._folder / f"{name}.txt")
                continue
            with whole_file(self._folder / f"{name}.txt") as temporary:
                temporary.write_text(text, encoding="utf-8")


class States:
    """States of work under way, named arrays each, by name in one folder: saved and removed as the work goes on.

    It can be sent to another process that sees the same folder.

    Args:
        folder: of one safetensors file per state; made when it is needed.
    """

    def __init__(self, folder: UPath) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """Give the names of all states there are."""
        return [path.stem for path in _named(self._folder, ".safetensors")]

    def load(self, name: str) -> dict[str, np.ndarray] | None:
        """Read a state; nothing if there is none.

        Raises:
            DatasetError: it is not whole; names the file, which can be deleted.
        """
        from safetensors import SafetensorError
        from safetensors import numpy as safetensors

        path = self._path(name)
        try:
            content = files.read(path)
        except FileNotFoundError:
            return None
        try:
            return unsealed(safetensors.load(content))
        except (SafetensorError, ValueError) as error:
            raise DatasetError(f"{path} is damaged ({error}); delete it, and its work begins anew") from error

    def save(self, name: str, state: dict[str, np.ndarray]) -> None:
        """Put a state in the place of the one before.

        Raises:
            DatasetError: the disk is full or not writable; the one before is still there.
        """
        from safetensors import numpy as safetensors

        arrays = {key: np.ascontiguousarray(each) for key, each in state.items()}
        with whole_file(self._path(name)) as temporary:
            temporary.write_bytes(safetensors.save(sealed(arrays)))

    def remove(self, name: str) -> None:
        """Take a state away, if there is one."""
        files.delete(self._path(name))

    def _path(self, name: str) -> UPath:
        return self._folder / f"{name}.safetensors"


def _parsed(content: bytes) -> Any:
    """Parse JSON, in less than half of the time of Python's own where that is possible.

    Python's own also takes halves of characters, as it writes them: of the names of some files, in a traceback.
    """
    try:
        return JSON.validate_json(content)
    except ValueError:
        return json.loads(content)


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Keep the garbage collector from searching JSON, which has no cycles: with many results, half of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _named(folder: UPath, suffix: str) -> list[UPath]:
    """Give the files of a kind, without those that are being written."""
    return [path for path in files.children(folder, suffix) if not path.name.startswith(".")]


class StatesDataset(_Folder):
    """Loads as `States`, through which a node saves and removes them while it runs; the dataset itself saves nothing.

    Not versioned: a state lasts until its work is done.
    """

    def load(self) -> States:
        return States(self._folder)

    def save(self, data: Any) -> NoReturn:
        raise DatasetError("states are saved one by one, by the node that loads this dataset")
