"""Files that are whole or not there, whatever happens while they are written."""

import errno
import filecmp
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from kedro.io import DatasetError
from upath import UPath

from .errors import told
from .files import in_memory, is_local, read


@contextmanager
def whole_file(final: UPath) -> Iterator[UPath]:
    """Give a temporary path, whose content is saved as ``final`` if the block ends without an error, and else nowhere.

    Raises:
        DatasetError: the disk is full or not writable; names the file and the cure.
        StoreError: the store does not take it; names the cause and the cure.
    """
    if is_local(final):
        with _renamed(final) as temporary:
            yield UPath(temporary)
    else:
        with _uploaded(final) as in_store:
            yield in_store


@contextmanager
def _uploaded(final: UPath) -> Iterator[UPath]:
    """Upload a content that was written in memory.

    A writer that fsspec opens in the store itself would publish its part of the content when an error closes it.
    """
    with in_memory(final.name) as temporary:
        yield temporary
        _upload(final, read(temporary))


def _upload(final: UPath, content: bytes) -> None:
    with told(final):
        final.fs.pipe_file(final.path, content)


@contextmanager
def _renamed(final: Path) -> Iterator[Path]:
    """Give a hidden path beside ``final``, which gets its name.

    Its permissions are those of any new file, by the process's umask; what writes there may make a private file.
    """
    # Processes of two machines that share the disk may have the same number.
    temporary = final.with_name(f".{final.name}.{token_hex(4)}.{os.getpid()}.tmp")
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


def share(same: UPath, written: UPath) -> None:
    """Let ``written`` be another name of ``same``, if both have the same content and lie on a disk that can."""
    if not (is_local(same) and is_local(written)):
        return
    if same.stat().st_size != written.stat().st_size or not filecmp.cmp(same, written, shallow=False):
        return
    name = written.with_name(f"{written.stem.rpartition('.')[0]}.link.{os.getpid()}.tmp")
    try:
        name.unlink(missing_ok=True)
        os.link(same, name)
        name.replace(written)
    except OSError:
        name.unlink(missing_ok=True)
