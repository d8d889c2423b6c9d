"""Folders of files by name, each written whole: the memory of work that can be stopped and taken up again."""

import json
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from kedro.io import AbstractDataset, DatasetError

from mnistm_da.kedro_private import JSONPreview, unwrapped

from .crash_safe import whole_file


class RecordsDataset(AbstractDataset):
    """JSON records by name in one folder; a save adds records and never takes one away.

    Not versioned: a record's name is to hold what it depends on, so that another setting makes another record.

    Raises:
        DatasetError: on load, when a record is not whole; names the file, which can be deleted. On save, when the disk
            is full or not writable.
    """

    def __init__(self, *, path: str, metadata: dict[str, Any] | None = None) -> None:
        self._folder = Path(path)
        self.metadata = metadata

    def load(self) -> dict[str, Any]:
        records = {}
        for path in sorted(self._folder.glob("*.json")):
            try:
                records[path.stem] = json.loads(path.read_text(encoding="utf-8"))
            except ValueError as error:
                raise DatasetError(f"{path} is damaged ({error}); delete it, and it is made again") from error
        return records

    def save(self, data: dict[str, Any]) -> None:
        for name, record in data.items():
            with whole_file(self._folder / f"{name}.json") as temporary:
                temporary.write_text(json.dumps(record, indent=1), encoding="utf-8")

    def preview(self) -> JSONPreview:
        """Show the records in kedro-viz."""
        return JSONPreview(json.dumps(unwrapped(self.load)(self)))

    def _exists(self) -> bool:
        return True  # an empty folder holds no records

    def _describe(self) -> dict[str, Any]:
        return {"folder": self._folder}


class States:
    """States of work under way, named arrays each, by name in one folder: saved and removed as the work goes on.

    It can be sent to another process that sees the same folder.

    Args:
        folder: of one safetensors file per state; made when it is needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """Give the names of all states there are."""
        return sorted(path.stem for path in self._folder.glob("*.safetensors"))

    def load(self, name: str) -> dict[str, np.ndarray] | None:
        """Read a state; nothing if there is none.

        Raises:
            DatasetError: it is not whole; names the file, which can be deleted.
        """
        from safetensors import SafetensorError
        from safetensors import numpy as safetensors

        path = self._path(name)
        if not path.exists():
            return None
        try:
            return safetensors.load_file(path)
        except SafetensorError as error:
            raise DatasetError(f"{path} is damaged ({error}); delete it, and its work begins anew") from error

    def save(self, name: str, state: dict[str, np.ndarray]) -> None:
        """Put a state in the place of the one before.

        Raises:
            DatasetError: the disk is full or not writable; the one before is still there.
        """
        from safetensors import numpy as safetensors

        with whole_file(self._path(name)) as temporary:
            safetensors.save_file({key: np.ascontiguousarray(array) for key, array in state.items()}, temporary)

    def remove(self, name: str) -> None:
        """Take a state away, if there is one."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.safetensors"


class StatesDataset(AbstractDataset):
    """Loads as `States`, through which a node saves and removes them while it runs; the dataset itself saves nothing.

    Not versioned: a state lasts until its work is done.
    """

    def __init__(self, *, path: str, metadata: dict[str, Any] | None = None) -> None:
        self._folder = Path(path)
        self.metadata = metadata

    def load(self) -> States:
        return States(self._folder)

    def save(self, data: Any) -> NoReturn:
        raise DatasetError("states are saved one by one, by the node that loads this dataset")

    def _exists(self) -> bool:
        return True  # an empty folder holds no states

    def _describe(self) -> dict[str, Any]:
        return {"folder": self._folder}
