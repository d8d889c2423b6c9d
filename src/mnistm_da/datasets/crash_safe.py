"""Saves that are whole or not there: one mixin for any versioned, single-file Kedro dataset.

Kedro's own saves write straight to the final path. So a kill or a full disk in the middle leaves a truncated version,
which the next run loads as the newest. Here the bytes go to a temporary file first; `storage` says where that is and
how it gets its name, on a disk and in an object store.
"""

import glob
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from kedro.io import DatasetError
from kedro.io.core import VersionNotFoundError
from upath import UPath

from mnistm_da.kedro_private import on_its_files, unwrapped
from mnistm_da.lineage import records
from mnistm_da.storage import files
from mnistm_da.storage.errors import StoreError
from mnistm_da.storage.whole import share, whole_file


class CrashSafe:
    """Mixin that makes the save of a versioned Kedro dataset atomic; put it before the dataset class.

    Two more things hold for every dataset with this mixin:

    - Beside every version lies its record, which names everything that it was made from. On load, the content is
      compared with the record; see `lineage/records.py`.
    - Inside a run, a dataset loads the version that this run saved. If there is none, it loads the newest. So two runs
      at the same time do not read each other's artifacts. With ``made_by_this_run``, it never loads another run's.

    Raises:
        DatasetError: on save, when the version exists already, or when the disk is full or not writable (the
            message names the file and the cure; versions saved before are untouched).
        StoreError: the object store cannot be used.
    """

    made_by_this_run: bool = False
    is_saved_again: bool = False
    """Whether a save may replace the one before. Then the record is written after the data: data without a record are
    not finished."""
    _only_own = False
    _working_at: PurePosixPath | None = None
    """The path that the dataset's own load or save uses, while one is under way."""

    # From the dataset class.
    _filepath: Any
    _fs: Any
    _protocol: Any
    _version: Any

    @property
    def _glob_function(self) -> Any:
        """Search for versions; fsspec's own search would look through all folders beside one whose name is escaped."""
        return glob.glob if self._protocol == "file" else self._in_store

    @_glob_function.setter
    def _glob_function(self, _: Any) -> None:
        """Ignore the function of fsspec that Kedro's constructor sets."""

    def _in_store(self, _: str) -> list[str]:
        """Give all versions in an object store, by one listing."""
        name, place = self._filepath.name, on_its_files(self, self._filepath)
        found = [PurePosixPath(file.path.path) for file in files.below(place)]
        return [str(path) for path in found if path.parts[-3::2] == (name, name)]

    @property
    def _exists_function(self) -> Any:
        """Look for a version, and tell of a store that cannot be used."""
        return lambda path: files.exists(on_its_files(self, path))

    @_exists_function.setter
    def _exists_function(self, _: Any) -> None:
        """Ignore the function of fsspec that Kedro's constructor sets."""

    def _get_versioned_path(self, version: str) -> PurePosixPath:
        """Give the path of a version; of ``*`` a pattern, in which folders with ``[``, ``*`` or ``?`` are escaped."""
        path: PurePosixPath = super()._get_versioned_path(version)  # type: ignore[misc]
        if version != "*":
            return path
        return PurePosixPath(glob.escape(str(path.parent.parent)), "*", glob.escape(path.name))

    def save(self, data: Any) -> None:
        """Write ``data`` to a temporary file with the dataset's own save; it gets its name when it is whole."""
        # The inner save is called without Kedro's wrapper, which would look for the version before it has its name.
        write = unwrapped(super().save)  # type: ignore[misc]
        final = on_its_files(self, self._get_save_path())
        record = None
        with whole_file(final) as temporary:
            with self._working_on(temporary):
                write(self, data)
            if self.is_complete(data):
                record = records.describe(temporary)
                self._share(temporary, final)
            if record and not self.is_saved_again:
                records.write(record, final)
        if record and self.is_saved_again:
            records.write(record, final)

    def is_complete(self, data: Any) -> bool:
        """Whether the saved content is the whole result; a part of it gets no record."""
        return True

    def _share(self, written: UPath, final: UPath) -> None:
        """Let content that is saved already share its place on a disk."""
        same = self._version_before() if files.is_local(final) else None
        if same:
            share(same, written)

    def _version_before(self) -> UPath | None:
        try:
            version = self.resolve_load_version()
        except VersionNotFoundError:
            return None
        return on_its_files(self, self._get_versioned_path(version)) if version else None

    def load(self) -> Any:
        """Load with the dataset's own load, after the content was compared with its record.

        Raises:
            DatasetError: it is another content, or this run's version was deleted meanwhile; names file and cure.
        """
        read = partial(unwrapped(super().load), self)  # type: ignore[misc]
        version = self._version
        if not version:
            return read()
        self._only_own = bool(self.made_by_this_run and not version.load)
        try:
            path = on_its_files(self, self._get_load_path())
            if self._only_own and not files.exists(path):
                raise DatasetError(
                    f"{path} is gone: this run saved it, and it was deleted while the run was under way. No other "
                    f"version was read in its place. Run again"
                )
            with files.at_hand(path) as content:
                records.verify(path, self._filepath.name, content)
                with self._working_on(content):
                    return read()
        finally:
            self._only_own = False

    @contextmanager
    def _working_on(self, path: UPath) -> Iterator[None]:
        """Let the dataset's own load or save work on another file within, perhaps on another file system."""
        before = self._fs, self._protocol
        self._working_at = PurePosixPath(UPath(path).path)
        if not files.is_local(path):
            self._fs, self._protocol = path.fs, path.protocol
        try:
            yield
        finally:
            self._fs, self._protocol = before
            self._working_at = None

    @property
    def filepath(self) -> str:
        """The file that would be loaded now, whose size kedro-viz shows; the place of all versions if there is none."""
        try:
            return str(self._get_load_path())
        except VersionNotFoundError:
            return str(self._filepath)

    def _get_load_path(self) -> PurePosixPath:
        return self._working_at or super()._get_load_path()  # type: ignore[misc]

    def _get_save_path(self) -> PurePosixPath:
        return self._working_at or super()._get_save_path()  # type: ignore[misc]

    def resolve_load_version(self) -> str | None:
        """Give the pinned version, else the one this run saved, else the newest."""
        version = self._version
        if version and not version.load and version.save:
            own = self._get_versioned_path(version.save)
            if self._only_own or self._exists_function(str(own)):
                return version.save
        try:
            return super().resolve_load_version()  # type: ignore[misc]
        except VersionNotFoundError as error:
            if isinstance(error.__cause__, StoreError):  # Kedro takes any error of a search for "none"
                raise error.__cause__ from error
            raise
