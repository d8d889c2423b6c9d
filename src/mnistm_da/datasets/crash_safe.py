"""Saves that are whole or not there: one mixin over any versioned, single-file Kedro dataset.

Kedro's own saves write straight to the final path, so a kill or a full disk in the middle leaves a truncated
version, which the next run loads as the newest. Here the bytes go to a hidden temporary file beside it, are
flushed to the disk, and only then get their name in one atomic rename.
"""

import errno
import filecmp
import glob
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any

from kedro.io import DatasetError
from kedro.io.core import VersionNotFoundError

from mnistm_da.kedro_private import unwrapped
from mnistm_da.lineage import records


class CrashSafe:
    """Mixin that makes the save of a versioned Kedro dataset atomic; put it before the dataset class.

    Three more things hold for every dataset with this mixin:

    - beside every version lies the record of what it was made from, and its content is compared with it on load; see
      `lineage/records.py`;
    - inside a run a dataset loads the version that this run saved, when there is one, and only otherwise the
      newest, so that two runs at the same time do not read each other's artifacts; what the run makes itself, as
      ``made_by_this_run`` says, is never read from another run;
    - object stores publish an upload only when it is complete, so there the dataset's own save is used.

    Raises:
        DatasetError: on save, when the version exists already, or when the disk is full or not writable (the
            message names the file and the cure; versions saved before are untouched).
    """

    made_by_this_run: bool = False
    _writing_to: PurePosixPath | None = None
    _only_own = False

    @property
    def _glob_function(self) -> Any:
        """Search for versions; fsspec's own search would look through all folders beside one whose name is escaped."""
        return glob.glob if self._protocol == "file" else self._fs.glob  # type: ignore[attr-defined]

    @_glob_function.setter
    def _glob_function(self, _: Any) -> None:
        """Kedro's constructor sets the one of fsspec."""

    def _get_versioned_path(self, version: str) -> PurePosixPath:
        """Give the path of a version; of ``*`` a pattern, in which folders with ``[``, ``*`` or ``?`` are escaped."""
        path: PurePosixPath = super()._get_versioned_path(version)  # type: ignore[misc]
        if version != "*":
            return path
        return PurePosixPath(glob.escape(str(path.parent.parent)), "*", glob.escape(path.name))

    def save(self, data: Any) -> None:
        """Write ``data`` to a temporary file with the dataset's own save, then rename it into place."""
        # The inner save is called without Kedro's wrapper, which would look for the version before the rename.
        write = unwrapped(super().save)  # type: ignore[misc]
        if self._protocol != "file":  # type: ignore[attr-defined]
            write(self, data)
            return
        with whole_file(Path(self._get_save_path())) as temporary:
            self._writing_to = PurePosixPath(temporary.as_posix())
            try:
                write(self, data)
            finally:
                self._writing_to = None
            if self.is_complete(data):
                self._record(temporary, Path(self._get_save_path()))

    def is_complete(self, data: Any) -> bool:
        """Whether what is saved is the whole result; of what is not, no record is made."""
        return True

    def _record(self, written: Path, final: Path) -> None:
        """Write down what the data was made from; content that is saved already shares its place on the disk."""
        record = records.describe(written)
        same = self._version_before()
        if same and same.stat().st_size == written.stat().st_size and filecmp.cmp(same, written, shallow=False):
            _link(same, written)
        with whole_file(records.record_path(final)) as temporary:
            temporary.write_text(record, encoding="utf-8")

    def _version_before(self) -> Path | None:
        try:
            version = self.resolve_load_version()
        except VersionNotFoundError:
            return None
        return Path(self._get_versioned_path(version)) if version else None

    def load(self) -> Any:
        """Load with the dataset's own load, after the content was compared with what was saved.

        Raises:
            DatasetError: it is another content, or this run's version was deleted meanwhile; names file and cure.
        """
        read = unwrapped(super().load)  # type: ignore[misc]
        version = self._version  # type: ignore[attr-defined]
        self._only_own = bool(self.made_by_this_run and version and not version.load)
        try:
            if self._protocol == "file" and version:  # type: ignore[attr-defined]
                path = Path(self._get_load_path())  # type: ignore[attr-defined]
                if self._only_own and not path.exists():
                    raise DatasetError(
                        f"{path} is gone: this run saved it, and it was deleted while the run was under way. No other "
                        f"version was read in its place. Run again"
                    )
                records.verify(path, self._filepath.name)  # type: ignore[attr-defined]
            return read(self)
        finally:
            self._only_own = False

    @property
    def filepath(self) -> str:
        """The file that would be loaded now, whose size kedro-viz shows; the place of all versions if there is none."""
        try:
            return str(self._get_load_path())  # type: ignore[attr-defined]
        except VersionNotFoundError:
            return str(self._filepath)  # type: ignore[attr-defined]

    def _get_save_path(self) -> PurePosixPath:
        """Give the temporary path while a save is under way, so that any parent class writes there."""
        return self._writing_to or super()._get_save_path()  # type: ignore[misc]

    def resolve_load_version(self) -> str | None:
        """Give the pinned version, else the one this run saved, else the newest."""
        version = self._version  # type: ignore[attr-defined]
        if version and not version.load and version.save:
            own = self._get_versioned_path(version.save)
            if self._only_own or self._exists_function(str(own)):  # type: ignore[attr-defined]
                return version.save
        return super().resolve_load_version()  # type: ignore[misc]


def _link(same: Path, written: Path) -> None:
    """Let ``written`` be another name of ``same``, where the file system can; else it stays as it is."""
    link = written.with_name(f"{Path(written.stem).stem}.link.{os.getpid()}.tmp")
    try:
        link.unlink(missing_ok=True)
        os.link(same, link)
        link.replace(written)
    except OSError:
        link.unlink(missing_ok=True)


@contextmanager
def whole_file(final: Path) -> Iterator[Path]:
    """Give a hidden temporary path beside ``final``; what was written there gets its name when the block ends well.

    Its permissions are those of any new file, by the process's umask; what writes there may make a private file.

    Raises:
        DatasetError: the disk is full or not writable; names the file and the cure.
    """
    temporary = final.with_name(f".{final.name}.{os.getpid()}.tmp")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        temporary.touch()
        permissions = stat.S_IMODE(temporary.stat().st_mode)
        yield temporary
        if stat.S_IMODE(temporary.stat().st_mode) != permissions:
            with suppress(OSError):  # the content of another user's version, or a file system without permissions
                temporary.chmod(permissions)
        _flush_to_disk(temporary)
        temporary.replace(final)
        _flush_to_disk(final.parent)
    except OSError as error:
        raise DatasetError(_explain(error, final)) from error
    finally:
        with suppress(OSError):  # or this error would take the place of the one that tells the cause
            temporary.unlink()
        _remove_if_empty(final.parent)


def _flush_to_disk(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    except PermissionError:
        if path.is_dir():  # Windows opens none, and needs not
            return
        raise
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_if_empty(folder: Path) -> None:
    """Take back the version folder of a save that failed; a folder with a saved file stays."""
    try:
        folder.rmdir()
    except OSError:
        return


def _explain(error: OSError, path: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        existing = next(folder for folder in path.parents if folder.exists())
        free = shutil.disk_usage(existing).free / 2**20
        cure = f"the disk is full ({free:,.0f} MiB free); make room and run the same command again"
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR):
        what = "a part of it is a file" if error.errno == errno.ENOTDIR else "the folder is not writable"
        cure = (
            f"{what}; change that, or name another place for all artifacts with the environment variable "
            f"MNISTM_DATA_ROOT"
        )
    else:
        cure = str(error)
    return f"could not save {path}: {cure}. Nothing that was saved before is lost."
