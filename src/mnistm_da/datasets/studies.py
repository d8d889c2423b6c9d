"""Where Optuna keeps its studies: a journal each, in one folder of a disk."""

from pathlib import Path
from typing import Any, NoReturn

from kedro.io import AbstractDataset, DatasetError


class StudiesDataset(AbstractDataset):
    """Loads as the folder of the journals; Optuna writes them while a search goes on, and the dataset saves nothing.

    On a disk in any case, since Optuna adds to its files line by line. A journal that is lost is made again of the
    records of the trials, which lie where all artifacts do.

    Attributes:
        reads: empty: the records say all that a result depends on.
    """

    reads: tuple[str, ...] = ()

    def __init__(self, *, path: str, metadata: dict[str, Any] | None = None) -> None:
        self._folder = Path(path)
        self.metadata = metadata

    def load(self) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder

    def save(self, data: Any) -> NoReturn:
        raise DatasetError("studies are written by Optuna, in the node that loads this dataset")

    def _exists(self) -> bool:
        return True  # an empty folder is one too

    def _describe(self) -> dict[str, Any]:
        return {"folder": str(self._folder)}
