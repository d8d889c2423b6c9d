"""The common part of all raw sources. It imports none of their readers."""

from abc import abstractmethod
from pathlib import Path
from typing import Any, Literal, NoReturn

from kedro.io import AbstractDataset, DatasetError

from mnistm_da.domains.format import DIGITS, Format
from mnistm_da.domains.partial import kept_classes, without_dropped
from mnistm_da.errors import UserError

ARRAYS = ("train_images", "train_labels", "test_images", "test_labels")
"""What a reader of a domain gives."""

OF_SEVERAL = ("train_domains", "test_domains")
"""What one gives besides where it reads several sources; see `domains.reading`."""


class RawSource(AbstractDataset):
    """A dataset that only loads. A subclass has ``_read``, and `content`."""

    def __init__(self, *, metadata: dict[str, Any] | None = None) -> None:
        """Take the metadata of the catalog's entry."""
        self.metadata = metadata

    def load(self) -> Any:
        try:
            return self._read()
        except UserError as error:  # Kedro hands a DatasetError on as it is, without wrapping the message
            raise DatasetError(str(error)) from error

    @abstractmethod
    def _read(self) -> Any: ...

    @abstractmethod
    def content(self) -> str:
        """Give a hash of the result of a load, without loading: a load refuses all but the published files."""

    def save(self, data: Any) -> NoReturn:
        raise DatasetError(f"{type(self).__name__} is a raw source and is never written")

    def _exists(self) -> bool:
        return True  # found or fetched when it is loaded

    def _describe(self) -> dict[str, Any]:
        return {}


class RawDomain(RawSource):
    """A reader of labelled images, for either side of a pair; a new domain is a subclass and an environment.

    A subclass has:

    - ``read``;
    - ``content``, a hash of the whole domain, whichever part is asked for. Two domains of the same content have the
      same images in the same order;
    - ``sizes``, if they are known without reading the images;
    - ``imports``, full names of modules that it imports by name, if it does. Lineage finds import statements by itself.

    Attributes:
        format: of the images as they are given, if it is not MNIST's.
        named_by: parameters that name the data, such as ``source``.
    """

    format: Format = DIGITS
    named_by: frozenset[str] = frozenset()

    def __init__(
        self,
        *,
        part: Literal["all", "images", "labels"] = "all",
        target_classes: Any = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        """Read a ``part`` of the domain: a target's images and labels are two datasets.

        Of a target, only the classes that ``target_classes`` names; see `domains.partial`.
        """
        super().__init__(metadata=metadata)
        self._target_classes = target_classes
        if part not in ("all", "images", "labels"):
            raise DatasetError(f"part of a {type(self).__name__} must be all, images or labels, not {part!r}")
        self._part = part

    @abstractmethod
    def read(self) -> dict[str, Any]:
        """Give ``train_images``, ``train_labels``, ``test_images`` and ``test_labels``, as `domains.reading` says."""

    def check(self) -> None:
        """Refuse mistakes that can be found before anything is read.

        Raises:
            UserError: names it and the cure.
        """
        return

    def kept_classes(self) -> tuple[str, ...] | None:
        """Give the classes that a target keeps of all; None where it keeps all.

        Raises:
            UserError: what names them does not.
        """
        return None if self._target_classes is None else kept_classes(self._target_classes, self.format.classes)

    def has_labelled_test(self) -> bool:
        """Whether the test images have labels: a target's may have none."""
        return True

    def origin(self) -> str:
        """Give the content of the domain whose images these are made from, in the same order; else their own."""
        return self.content()

    def _read(self) -> dict[str, Any]:
        found, wanted = self.read(), [name for name in ARRAYS if self._part == "all" or name.endswith(self._part)]
        if missing := [name for name in wanted if name not in found]:
            raise UserError(f"the reader {type(self).__name__} gives no {' and no '.join(missing)}")
        if kept := self.kept_classes():
            found = without_dropped(found, kept, self.format.classes)
        wanted += [name for name in OF_SEVERAL if name in found and self._part == "all"]
        return {name: found[name] for name in wanted} | {"format": self.format}

    def _describe(self) -> dict[str, Any]:
        return {"part": self._part}


class RawFolder(RawSource):
    """A raw source that is a folder, not a domain."""

    def __init__(self, *, path: str, metadata: dict[str, Any] | None = None) -> None:
        """Read the folder ``path``."""
        super().__init__(metadata=metadata)
        self._folder = Path(path)

    def _describe(self) -> dict[str, Any]:
        return {"folder": self._folder}
