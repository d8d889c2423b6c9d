"""Arrays and network weights as safetensors: no pickle, one file, the same bytes for the same content."""

import json
import logging
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import fsspec
import numpy as np
from kedro.io.core import AbstractVersionedDataset, DatasetError, Version, get_filepath_str, get_protocol_and_path

from mnistm_da.hashes import sealed, unsealed
from mnistm_da.kedro_private import JSONPreview, unwrapped
from mnistm_da.lineage import records
from mnistm_da.storage.errors import StoreError

from .crash_safe import CrashSafe

logger = logging.getLogger(__name__)

CODE = "code"
"""Name of the array by which a state says of which code it is; who loads the state does not see it."""


class _TensorFile(AbstractVersionedDataset):
    def __init__(
        self,
        *,
        filepath: str,
        version: Version | None = None,
        credentials: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self._protocol, path = get_protocol_and_path(filepath, version)
        self._fs = fsspec.filesystem(self._protocol, **(credentials or {}))
        self.metadata = metadata
        super().__init__(
            filepath=PurePosixPath(path),
            version=version,
            exists_function=self._fs.exists,
            glob_function=self._fs.glob,
        )

    def load(self) -> dict[str, np.ndarray]:
        from safetensors import numpy as safetensors

        path = get_filepath_str(self._get_load_path(), self._protocol)
        if self._protocol == "file":
            return safetensors.load_file(path)
        return safetensors.load(self._fs.cat_file(path))

    def save(self, data: dict[str, np.ndarray]) -> None:
        from safetensors import numpy as safetensors

        path = get_filepath_str(self._get_save_path(), self._protocol)
        arrays = {name: np.ascontiguousarray(array) for name, array in data.items()}
        if self._protocol == "file":
            safetensors.save_file(arrays, Path(path))
        else:
            self._fs.pipe_file(path, safetensors.save(arrays))

    def _exists(self) -> bool:
        return self._fs.exists(get_filepath_str(self._get_load_path(), self._protocol))

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._filepath, "protocol": self._protocol, "version": self._version}

    def preview(self) -> JSONPreview:
        """Show names, shapes and types of the arrays in kedro-viz."""
        return JSONPreview(json.dumps({name: f"{a.dtype} {list(a.shape)}" for name, a in self._read().items()}))

    def _read(self) -> dict[str, np.ndarray]:
        """Load for a preview: without a log line, also where a subclass loads in another way."""
        arrays: dict[str, np.ndarray] = unwrapped(_TensorFile.load)(self)
        return arrays


class TensorsDataset(CrashSafe, _TensorFile):
    """Named arrays, ``dict[str, np.ndarray]``, in one safetensors file.

    Raises:
        DatasetError: on load, when there is no such version or the file is damaged.
    """


class StateDataset(TensorsDataset):
    """Named arrays that a generator node saves again and again in one run, each in the place of the one before.

    Every run has its own version; the file is whole at any moment. The last save of a node that came to its end has the
    array ``finished``.
    """

    is_saved_again = True

    def save(self, data: dict[str, np.ndarray]) -> None:
        # One before the last has no record, neither of its content nor of the code that made it.
        unwrapped(super().save)(self, sealed(data | _code_now()))

    def load(self) -> dict[str, np.ndarray]:
        return {name: array for name, array in self._with_code().items() if name != CODE}

    def _with_code(self) -> dict[str, np.ndarray]:
        try:
            return unsealed(unwrapped(super().load)(self))
        except StoreError:
            raise
        except ValueError as error:
            raise DatasetError(
                f"{self._get_load_path()} is damaged ({error}): run without resume, and the training begins anew"
            ) from error

    def is_complete(self, data: dict[str, np.ndarray]) -> bool:
        """Whether this is the last one."""
        return "finished" in data

    def _get_save_path(self) -> PurePosixPath:
        # Kedro's own refuses a version that exists, which from the second save on this one does.
        return self._working_at or self._get_versioned_path(self.resolve_save_version())  # type: ignore[arg-type]


class EarlierStateDataset(StateDataset):
    """The newest version that a run before this one left, to be loaded only if it is asked for.

    Loads as a function that gives the named arrays, or ``None`` if there is no version yet. One of other code counts as
    none: its results would be said to be of today's.

    Attributes:
        reads: empty, so that a record is the same with this input and without it.
    """

    reads: tuple[str, ...] = ()

    def load(self) -> Callable[[], dict[str, np.ndarray] | None]:  # type: ignore[override]
        return self._load_newest

    def _load_newest(self) -> dict[str, np.ndarray] | None:
        pattern = str(self._get_versioned_path("*"))
        if not self._glob_function(pattern):
            return None
        state, now = self._with_code(), _code_now()
        then = state.pop(CODE, np.empty(0))
        if not now or np.array_equal(then, now[CODE]):
            return state
        logger.warning(
            "%s was made by other code: the training begins anew, and that file is kept", self._get_load_path()
        )
        return None

    def _exists(self) -> bool:
        return True  # there always is an answer


def _code_now() -> dict[str, np.ndarray]:
    """Give the hashes of the files that the node which runs now is made from, as the bytes of a text; none outside."""
    made_from = records.making.get()
    text = json.dumps(made_from["code"], sort_keys=True) if made_from else ""
    return {CODE: np.frombuffer(text.encode(), dtype=np.uint8)} if text else {}
