"""Raw files: found in a folder, else downloaded, and always verified."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

ENVIRONMENT_VARIABLE = "MNISTM_RAW_DIR"
SAMPLE = "kedro run --pipelines=dann --env=sample"


class RawDataError(Exception):
    """Raw data are missing or not what they should be; the message names the file and the cure."""


def raw_folder(default: Path) -> tuple[Path, bool]:
    """Give the folder of one raw dataset, and whether missing files may be downloaded into it.

    Args:
        default: the project's own folder, e.g. ``data/01_raw/mnist``; used unless the environment variable
            ``MNISTM_RAW_DIR`` names a folder that has a sub-folder of the same name. A user's folder is only read.

    Raises:
        RawDataError: the variable names a folder that does not exist.
    """
    named = os.environ.get(ENVIRONMENT_VARIABLE)
    if not named:
        return default, True
    folder = Path(named).expanduser() / default.name
    if not folder.is_dir():
        raise RawDataError(
            f"{ENVIRONMENT_VARIABLE} is '{named}', but there is no folder '{folder}'. Set it to the folder that "
            f"holds mnist/*.gz and bsds500/images/{{train,val,test}}/*.jpg, or unset it to download them."
        )
    return folder, False


def check_present(folder: Path, names: Iterable[str]) -> None:
    """Fail if a file is missing.

    Raises:
        RawDataError: names the missing files (the first three of them).
    """
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise RawDataError(
            f"missing in {folder}: {', '.join(missing[:3])}{more}. Put them there, or unset "
            f"{ENVIRONMENT_VARIABLE} to download them. No data at hand? {SAMPLE}"
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
        RawDataError: the digest differs (a truncated or altered file).
    """
    content = path.read_bytes()
    found = hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()
    if found != expected:
        raise RawDataError(
            f"{path} is damaged or altered: its {algorithm} is {found}, it should be {expected} "
            f"({len(content):,} bytes). Delete it and run again to fetch it anew, or put the original in its place."
        )
    return content
