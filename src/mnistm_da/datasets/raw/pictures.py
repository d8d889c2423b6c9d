"""A user's pictures that a model is to classify."""

from pathlib import Path
from typing import Any

from fsspec.utils import get_protocol

from mnistm_da.errors import UserError
from mnistm_da.hashes import content_hash, text_hash
from mnistm_da.project_paths import as_user_means, without_scheme

from .base import RawFolder


class PictureFolder(RawFolder):
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


def _content_or_why_not(path: Path) -> str:
    try:
        return content_hash(path)
    except OSError as error:  # a locked picture is left out of the run; unlocked, it is another content
        return type(error).__name__
