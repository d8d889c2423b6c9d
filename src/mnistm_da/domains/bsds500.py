"""BSDS500: the photos behind MNIST-M's digits (Arbeláez, Maire, Fowlkes, Malik, TPAMI 2011).

Every photo is verified by a SHA-256 manifest that ships with the package, from whichever archive it came.
"""

import gzip
import io
import json
import logging
import os
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import IO, cast

import numpy as np
from PIL import Image

from ..cores import threads
from .raw_files import RawDataError, find, make_writable, not_written, raw_folders, read_verified

logger = logging.getLogger(__name__)

ARCHIVES = {
    "BSR_bsds500.tgz": (
        "http://www.eecs.berkeley.edu/Research/Projects/CS/vision/grouping/BSR/BSR_bsds500.tgz",
        "https://www2.eecs.berkeley.edu/Research/Projects/CS/vision/grouping/BSR/BSR_bsds500.tgz",
    ),
    "BSDS500-master.zip": ("https://github.com/BIDS/BSDS500/archive/refs/heads/master.zip",),
}
"""Archives that hold the photos, each with its mirrors, in the order in which they are tried."""

UNPACKED = ("images", "BSR/BSDS500/data/images", "BSDS500-master/BSDS500/data/images", "BSDS500/data/images")
"""Folders of the photos: ours, and those that the archives are unpacked to."""

LARGEST_ARCHIVE = 2**31
"""Bytes, unpacked; the archives have less than a tenth of it."""

LARGEST_PHOTO = 2**20
"""Bytes; the largest photo has about 300 kB, so a longer member of an archive is none."""

PARTS = {"train": ("train", "val"), "test": ("test",)}
"""The sets of BSDS500 behind training images, and those behind test images."""


@cache
def manifest() -> dict[str, str]:
    """Give the SHA-256 of each of the 500 photos by ``set/name.jpg``, sorted by name."""
    text = files(__package__).joinpath("bsds500_manifest.json").read_text()
    return dict(sorted(json.loads(text).items()))


def load_bsds500(folder: Path) -> dict[str, list[np.ndarray]]:
    """Find, or else download, verify and decode the photos, on all cores.

    Args:
        folder: holds ``images/{train,val,test}/*.jpg``, or one of `ARCHIVES`; see `raw_folders` for the environment
            variable that names another one, which is looked through first.

    Returns:
        ``train`` (BSDS500 train and val, 300 photos) and ``test`` (200): (H, W, 3) uint8 RGB, sorted by name.

    Raises:
        RawDataError: a photo is missing and cannot be had, or is not the original.
    """
    folders = raw_folders(folder)
    if _missing(folders):
        _provide(folders)
    paths = {name: find(_forms(name), folders) for name in manifest()}
    logger.info("BSDS500 from %s", " and ".join(sorted({str(path.parents[1]) for path in paths.values() if path})))
    with ThreadPoolExecutor(threads()) as pool:  # hashing and decoding release the interpreter lock
        photos = dict(zip(paths, pool.map(_decode, paths.values(), manifest().values()), strict=True))
    return {
        part: [photo for name, photo in photos.items() if name.split("/")[0] in sets] for part, sets in PARTS.items()
    }


def _forms(name: str) -> list[str]:
    return [f"{below}/{name}" for below in UNPACKED]


def _missing(folders: list[Path]) -> dict[str, str]:
    return {name: digest for name, digest in manifest().items() if not find(_forms(name), folders)}


def _decode(path: Path, digest: str) -> np.ndarray:
    content = read_verified(path, "sha256", digest)
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def _provide(folders: list[Path]) -> None:
    """Fill in the missing photos from an archive that lies in a folder, or from a downloaded one."""
    make_writable(folders[-1])
    images = folders[-1] / "images"

    def take(archive: Path) -> None:
        extract(archive, images, _missing(folders))

    problems = []
    for name in ARCHIVES:
        archive = find([name], folders)
        try:
            if archive:
                take(archive)
                return
        except RawDataError as error:
            problems.append(str(error))
    if problems:
        raise RawDataError("\n".join(problems))
    from .download import fetch

    for name, mirrors in ARCHIVES.items():
        try:
            fetch(mirrors, folders[-1], name, known_hash=None, accept=take)
            return
        except RawDataError as error:
            problems.append(str(error))
    raise RawDataError("\n".join(problems))


def extract(archive: Path, images: Path, missing: dict[str, str]) -> None:
    """Take photos out of a ``.tgz`` or ``.zip``, and nothing else.

    The paths in the archive are never written to. A member is a photo if its path ends with the photo's
    ``set/name.jpg``, and if its bytes have the hash of the manifest.

    Args:
        archive: any archive with paths that end in ``images/{train,val,test}/*.jpg``.
        images: where ``{train,val,test}/*.jpg`` go.
        missing: SHA-256 of the photos to take, by ``set/name.jpg``.

    Raises:
        RawDataError: the archive is damaged, or does not hold every missing photo, or a photo cannot be written.
    """
    missing = dict(missing)
    try:
        for path, content in _members(archive):
            name = "/".join(PurePosixPath(path).parts[-2:])
            if name in missing and sha256(content).hexdigest() == missing[name]:
                _write_whole(images / name, content)
                del missing[name]
    except DAMAGE as error:
        raise RawDataError(
            f"{archive} is damaged ({error}). Delete it and run again to fetch it anew; extracted photos stay."
        ) from error
    if missing:
        raise RawDataError(
            f"{archive} does not hold {len(missing)} of the 500 photos as published, "
            f"e.g. images/{next(iter(missing))}. Delete it and run again to fetch it anew."
        )


DAMAGE = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError),
    *(NotImplementedError, RuntimeError),  # how a member is packed or encrypted
)
"""What reading an archive can raise that is none, or cut off, or made to do harm."""


def _members(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Give path and content of every regular file of plausible size under an ``images`` folder."""
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as zipped:
            for info in zipped.infolist():
                if _is_photo(info.filename, info.file_size):
                    with zipped.open(info) as file:
                        yield info.filename, _read(file)
    else:
        with _unpacked(archive) as stream, tarfile.open(fileobj=stream, mode="r:") as tar:
            for member in tar:
                if member.offset_data + member.size > LARGEST_ARCHIVE:
                    raise OSError(f"its member {member.name} has {member.size:,} bytes")
                if member.isreg() and _is_photo(member.name, member.size):
                    content = tar.extractfile(member)
                    if content is not None:
                        yield member.name, _read(content)


def _unpacked(archive: Path) -> IO[bytes]:
    """Open a .tgz, or one that a browser or a server has unpacked on the way."""
    with archive.open("rb") as file:
        is_packed = file.read(2) == b"\x1f\x8b"
    return cast(IO[bytes], _Unpacking(archive)) if is_packed else archive.open("rb")


class _Unpacking(gzip.GzipFile):
    def read(self, size: int | None = -1) -> bytes:
        """Refuse to unpack more at once than a photo has: a header can claim any length, and tarfile believes it."""
        if size is None or not 0 <= size <= LARGEST_PHOTO:
            raise OSError(f"it wants to have {size} bytes unpacked at once")
        return super().read(size)


def _is_photo(path: str, size: int) -> bool:
    parts = PurePosixPath(path).parts
    return len(parts) >= 3 and parts[-3] == "images" and parts[-1].endswith(".jpg") and size <= LARGEST_PHOTO


def _read(file: IO[bytes]) -> bytes:
    return file.read(LARGEST_PHOTO)  # a header that lies about the size costs no more than this


def _write_whole(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise not_written(path, error) from error
