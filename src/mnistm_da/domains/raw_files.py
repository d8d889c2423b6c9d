"""Raw files: found in a folder, else downloaded, and always verified."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ..errors import UserError

ENVIRONMENT_VARIABLE = "MNISTM_RAW_DIR"
SAMPLE = "kedro run --pipelines=dann --env=sample"


class RawDataError(UserError):
    """Raw data are missing or not what they should be; the message names the file and the cure."""


def raw_folders(own: Path) -> list[Path]:
    """Give the folders in which the files of one raw dataset are looked for, in this order.

    Args:
        own: the project's folder, e.g. ``data/01_raw/mnist``. It is the last one, and the only one that is written to.
            Before it comes the sub-folder of the same name of the folder that ``MNISTM_RAW_DIR`` names.

    Raises:
        RawDataError: the variable names a folder that does not exist.
    """
    named = os.environ.get(ENVIRONMENT_VARIABLE)
    if not named:
        return [own]
    folder = Path(os.path.expanduser(named))  # noqa: PTH111 - a Path refuses the home of an unknown user
    if not folder.is_dir():
        raise RawDataError(
            f"{ENVIRONMENT_VARIABLE} is '{named}', but there is no folder '{folder}'. Set it to the folder that "
            f"holds mnist/*.gz and bsds500/images/{{train,val,test}}/*.jpg, or unset it to download them."
        )
    return [folder / own.name, own]


def find(forms: Iterable[str], folders: Sequence[Path]) -> Path | None:
    """Give the first file there is, of several names that the same content may have."""
    forms = list(forms)
    return next((folder / form for folder in folders for form in forms if (folder / form).is_file()), None)


def make_writable(folder: Path) -> None:
    """Make a folder, and make sure that files can be written there, before anything is downloaded.

    Raises:
        RawDataError: they cannot; see `not_written`.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise not_written(folder, error) from error


def not_written(path: Path, error: OSError) -> RawDataError:
    """Give the error that names what could not be written, why, and the cure."""
    return RawDataError(
        f"could not write {path} ({error.strerror or error}). Make room, or change its permissions, or let an "
        f"environment variable name another folder: {ENVIRONMENT_VARIABLE} one that has the raw files, "
        f"MNISTM_DATA_ROOT one for all data. Without any download, the embedded sample runs: {SAMPLE}"
    )


def published(digests: Mapping[str, str]) -> str:
    """Give one hash of all files of a raw dataset as published, by their names and digests: what a load verifies."""
    listed = "\n".join(f"{digest}  {name}" for name, digest in sorted(digests.items()))
    return hashlib.sha256(listed.encode()).hexdigest()


def read_verified(path: Path, algorithm: str, expected: str) -> bytes:
    """Read a file once and give its bytes if they are the published ones.

    Args:
        path: the file.
        algorithm: of the digest, e.g. ``sha256``.
        expected: hexadecimal digest.

    Raises:
        RawDataError: the file cannot be read, or the digest differs (a truncated or altered file).
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RawDataError(f"{path} cannot be read ({error.strerror or error}). Change its permissions.") from error
    found = hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()
    if found != expected:
        raise RawDataError(
            f"{path} is damaged or altered: its {algorithm} is {found}, it should be {expected} "
            f"({len(content):,} bytes). Delete it and run again to fetch it anew, or put the original in its place."
        )
    return content


def provide(name: str, md5: str, own: Path, mirrors: Sequence[str]) -> Path:
    """Find one file of a raw dataset, or else download it, and verify it.

    Args:
        name: of the file.
        md5: hexadecimal digest.
        own: the project's folder for the dataset; see `raw_folders` for the other places.
        mirrors: addresses that its name is appended to.

    Returns:
        Where it is.

    Raises:
        RawDataError: it is missing and cannot be had, or is not the original.
    """
    from .download import fetch

    path = find([name], raw_folders(own))
    if path is None:
        return fetch([mirror + name for mirror in mirrors], own, name, f"md5:{md5}")
    read_verified(path, "md5", md5)
    return path
