"""What has been saved so far, of several datasets at once: for a report of whatever has been run."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from kedro.io import AbstractDataset, CatalogProtocol, DatasetError

from mnistm_da.lineage import records
from mnistm_da.lineage.trace import newest
from mnistm_da.storage import files


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
    """The newest versions of other catalog entries. An entry need not have a version.

    Loads as a dictionary of `Saved` by short name, without the entries that were never saved. Only records are read,
    until a `Saved.load` is called. A hook binds it to the catalog after that is created.

    Attributes:
        reads: the catalog's names of the entries: they are the inputs that a node's record names.

    Args:
        names: short names of the entries.
        prefix: of the catalog's names before the short ones, such as ``dann.``.
    """

    def __init__(self, *, names: list[str], prefix: str = "", metadata: dict[str, Any] | None = None) -> None:
        self._names = {name: f"{prefix}{name}" for name in names}
        self._catalog: CatalogProtocol | None = None
        self.reads = tuple(self._names.values())
        self.metadata = metadata

    def bind(self, catalog: CatalogProtocol) -> None:
        """Say in which catalog the entries are."""
        self._catalog = catalog

    def load(self) -> dict[str, Saved]:
        if self._catalog is None:
            raise DatasetError(f"{', '.join(self.reads)} can be looked for only in the catalog of a Kedro session")
        found = {}
        with files.listed_once():
            for short, name in self._names.items():
                dataset: Any = self._catalog.get(name)
                if dataset is None:
                    raise DatasetError(f"the catalog has no entry '{name}'")
                dataset.release()  # a version that came since is to be seen
                here = newest(dataset)
                if here:
                    found[short] = Saved(here[0], records.read(here[1]) or {}, dataset.load)
        return found

    def save(self, data: Any) -> NoReturn:
        raise DatasetError("this dataset only reads what others saved: save each of them by itself")

    def _exists(self) -> bool:
        return True  # nothing saved is an answer too

    def _describe(self) -> dict[str, Any]:
        return {"reads": self.reads}
