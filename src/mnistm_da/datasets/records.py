"""Folders of files by name, each written whole: the memory of work that can be stopped and taken up again."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from kedro.io import AbstractDataset, DatasetError
from kedro_datasets._typing import JSONPreview

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
        return JSONPreview(json.dumps(self.load.__wrapped__(self)))  # type: ignore[attr-defined]

    def _exists(self) -> bool:
        return True  # an empty folder holds no records

    def _describe(self) -> dict[str, Any]:
        return {"folder": self._folder}


class StatesDataset(AbstractDataset):
    """States of work under way, named arrays each, by name in one folder; saving an empty state takes its file away.

    Loads as a function for each name that reads the state, as safetensors.

    Raises:
        DatasetError: when a state is read that is not whole; names the file, which can be deleted. On save, when the
            disk is full or not writable.
    """

    def __init__(self, *, path: str, metadata: dict[str, Any] | None = None) -> None:
        self._folder = Path(path)
        self.metadata = metadata

    def load(self) -> dict[str, Callable[[], dict[str, np.ndarray]]]:
        return {path.stem: partial(_read_state, path) for path in sorted(self._folder.glob("*.safetensors"))}

    def save(self, data: dict[str, dict[str, np.ndarray]]) -> None:
        from safetensors import numpy as safetensors

        for name, state in data.items():
            path = self._folder / f"{name}.safetensors"
            if not state:
                path.unlink(missing_ok=True)
                continue
            with whole_file(path) as temporary:
                safetensors.save_file({key: np.ascontiguousarray(array) for key, array in state.items()}, temporary)

    def _exists(self) -> bool:
        return True  # an empty folder holds no states

    def _describe(self) -> dict[str, Any]:
        return {"folder": self._folder}


def _read_state(path: Path) -> dict[str, np.ndarray]:
    from safetensors import SafetensorError
    from safetensors import numpy as safetensors

    try:
        return safetensors.load_file(path)
    except SafetensorError as error:
        raise DatasetError(f"{path} is damaged ({error}); delete it, and its work begins anew") from error
