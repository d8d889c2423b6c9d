"""What has been saved so far, of several datasets at once: for a report of whatever has been run."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from kedro.io import AbstractDataset, DatasetError
from kedro.io.core import VersionNotFoundError

from mnistm_da.lineage import records


@dataclass(frozen=True)
class Saved:
    """The newest version of one dataset.

    Attributes:
        version: its name, a time.
        record: what it was made from, see `lineage/records.py`; empty if it was made outside of a run.
        load: gives the data.
    """

    version: str
    record: dict[str, Any]
    load: Callable[[], Any]


class SavedDatasets(AbstractDataset):
    """The newest versions of several datasets, of those that have any; none of them must exist.

    Loads as a dictionary of `Saved` by short name, in which what was never saved is missing. Nothing but the records
    is read until a `Saved.load` is called.

    Attributes:
        gathers: the catalog's names of the datasets: they are the inputs that a node's record names.

    Args:
        prefix: of the catalog's names before the short ones, such as ``dann.``.
        datasets: their configuration, as in the catalog, by short name.
    """

    def __init__(
        self, *, datasets: dict[str, dict[str, Any]], prefix: str = "", metadata: dict[str, Any] | None = None
    ) -> None:
        self._datasets: dict[str, Any] = {
            name: AbstractDataset.from_config(f"{prefix}{name}", dict(config)) for name, config in datasets.items()
        }
        self.gathers = tuple(f"{prefix}{name}" for name in datasets)
        self.metadata = metadata

    def load(self) -> dict[str, Saved]:
        found = {}
        for name, dataset in self._datasets.items():
            dataset.release()  # a version that came since is to be seen
            try:
                version, path = dataset.resolve_load_version(), Path(dataset._get_load_path())
            except VersionNotFoundError:
                continue
            found[name] = Saved(version, records.read(path) or {}, dataset.load)
        return found

    def save(self, data: Any) -> NoReturn:
        raise DatasetError("what is saved is only looked at here; each dataset is saved by itself")

    def _exists(self) -> bool:
        return True  # nothing saved is an answer too

    def _describe(self) -> dict[str, Any]:
        return {"gathers": self.gathers}
