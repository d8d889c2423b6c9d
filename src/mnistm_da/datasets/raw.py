"""Raw sources: Kedro datasets that only load. What they read is verified by the library in `domains`."""

from abc import abstractmethod
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, NoReturn

from fsspec.utils import get_protocol
from kedro.io import AbstractDataset, DatasetError

from mnistm_da.domains.format import DIGITS, Format
from mnistm_da.errors import UserError
from mnistm_da.lineage.records import content_hash, text_hash
from mnistm_da.project_paths import as_user_means, without_scheme

ARRAYS = ("train_images", "train_labels", "test_images", "test_labels")
"""What a reader of a domain gives."""


class _RawSource(AbstractDataset):
    def __init__(self, *, metadata: dict[str, Any] | None = None) -> None:
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
        """Give a hash of what a load gives, without loading: what is not the published files is refused there."""

    def save(self, data: Any) -> NoReturn:
        raise DatasetError(f"{type(self).__name__} is a raw source and is never written")

    def _exists(self) -> bool:
        return True  # found or fetched when it is loaded

    def _describe(self) -> dict[str, Any]:
        return {}


class RawDomain(_RawSource):
    """A reader of labelled images, for either side of a pair; a new domain is a subclass and an environment.

    A subclass has:

    - ``read``;
    - ``content``, a hash of the whole domain, whichever part is asked for. Two domains of the same content have the
      same images in the same order;
    - ``sizes``, if they are known without reading the images.

    Attributes:
        format: of the images as they are given, if it is not MNIST's.
        named_by: parameters that say what is read, such as ``source``.
    """

    format: Format = DIGITS
    named_by: frozenset[str] = frozenset()

    def __init__(
        self, *, part: Literal["all", "images", "labels"] = "all", metadata: dict[str, Any] | None = None
    ) -> None:
        """Read a ``part`` of the domain: a target's images and labels are two datasets."""
        super().__init__(metadata=metadata)
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
        return {name: found[name] for name in wanted} | {"format": self.format}

    def _describe(self) -> dict[str, Any]:
        return {"part": self._part}


class _RawFolder(_RawSource):
    def __init__(self, *, path: str, metadata: dict[str, Any] | None = None) -> None:
        super().__init__(metadata=metadata)
        self._folder = Path(path)

    def _describe(self) -> dict[str, Any]:
        return {"folder": self._folder}


class MnistFiles(RawDomain):
    """The four MNIST files in the folder ``path``; loads what `load_mnist` gives."""

    def __init__(self, *, path: str, **more: Any) -> None:
        super().__init__(**more)
        self._folder = Path(path)

    def _describe(self) -> dict[str, Any]:
        return {"folder": self._folder, "part": self._part}

    def read(self) -> dict[str, Any]:
        from mnistm_da.domains.mnist import load_mnist

        return load_mnist(self._folder)

    def content(self) -> str:
        from mnistm_da.domains.mnist import FILES
        from mnistm_da.domains.raw_files import published

        return published(dict(FILES.values()))

    def sizes(self) -> Any:
        """Give the `Sizes` of the data without reading it."""
        from mnistm_da.domains.mnist import SIZES

        return SIZES


class Bsds500Files(_RawFolder):
    """The BSDS500 photos in the folder ``path``; loads what `load_bsds500` gives."""

    def _read(self) -> Any:
        from mnistm_da.domains.bsds500 import load_bsds500

        return load_bsds500(self._folder)

    def content(self) -> str:
        from mnistm_da.domains.bsds500 import manifest
        from mnistm_da.domains.raw_files import published

        return published(manifest())


class PictureFolder(_RawFolder):
    """A user's pictures in ``folder``, or the one picture that this names; loads as its path.

    It is relative to where the command was started, else to the project, and on a disk, wherever artifacts are kept.
    """

    def __init__(self, *, folder: str | None, metadata: dict[str, Any] | None = None) -> None:
        named = str("" if folder is None else folder).strip()
        here = Path(named) == Path() and bool(named)  # "." is a folder, unlike no name at all
        super().__init__(path=str(Path.cwd()) if here else without_scheme(named), metadata=metadata)
        self._address = named if get_protocol(without_scheme(named)) != "file" else None

    @property
    def place(self) -> str:
        """Where the pictures are, for the record."""
        return str(self._folder)

    def _read(self) -> Path:
        if self._address:
            raise UserError(f"pictures are read from a disk of this machine, not from '{self._address}': copy them")
        return as_user_means(self._folder)

    def _exists(self) -> bool:
        return self._read().exists()

    def content(self) -> str:
        from mnistm_da.domains.pictures import PicturesError, find_pictures, shown

        try:
            pictures = find_pictures(self._read()).pictures
        except PicturesError:
            pictures = []
        return text_hash("\n".join(f"{_content_or_why_not(path)} {shown(path.name)}" for path in pictures))


class SampleDigits(RawDomain):
    """The embedded digits; loads what `load_sample_digits` gives."""

    def read(self) -> dict[str, Any]:
        from mnistm_da.domains.sample import load_sample_digits

        return load_sample_digits()

    def sizes(self) -> Any:
        """Give the `Sizes` of the data."""
        from mnistm_da.domains.sample import SIZES

        return SIZES

    def content(self) -> str:
        from mnistm_da.domains.sample import DIGITS_SHA256

        return DIGITS_SHA256


class SamplePhotos(_RawSource):
    """The embedded photos; loads what `load_sample_photos` gives."""

    def _read(self) -> Any:
        from mnistm_da.domains.sample import load_sample_photos

        return load_sample_photos()

    def content(self) -> str:
        return _shipped("scikit-learn", "scikit-image")


class NoPhotos(_RawSource):
    """No photos: the target's images are as their reader gives them."""

    def _read(self) -> Any:
        return {"train": [], "test": []}

    def content(self) -> str:
        return text_hash("no photos")


def _content_or_why_not(path: Path) -> str:
    try:
        return content_hash(path)
    except OSError as error:  # a locked picture is left out of the run; unlocked, it is another content
        return type(error).__name__


def _shipped(*libraries: str) -> str:
    """Hash of the libraries' versions that the data ship in."""
    return text_hash(" ".join(f"{library} {version(library)}" for library in libraries))
