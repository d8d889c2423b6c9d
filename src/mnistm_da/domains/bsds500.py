"""BSDS500: the photos behind MNIST-M's digits (Arbeláez, Maire, Fowlkes, Malik, TPAMI 2011).

Every photo is verified by a SHA-256 manifest that ships with the package, whatever archive it came in.
"""

import io
import json
import logging
import os
import tarfile
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import IO

import numpy as np
from PIL import Image

from ..cores import threads
from .raw_files import RawDataError, check_present, raw_folder, read_verified

logger = logging.getLogger(__name__)

ARCHIVES = {
    "BSR_bsds500.tgz": (
        "http://www.eecs.berkeley.edu/Research/Projects/CS/vision/grouping/BSR/BSR_bsds500.tgz",
        "https://www2.eecs.berkeley.edu/Research/Projects/CS/vision/grouping/BSR/BSR_bsds500.tgz",
    ),
    "BSDS500-master.zip": ("https://github.com/BIDS/BSDS500/archive/refs/heads/master.zip",),
}
"""Archives that hold the photos, each with its mirrors, in the order in which they are tried."""

LARGEST_PHOTO = 2**20
"""Bytes; the largest photo has about 300 kB, so a longer member of an archive is none."""

PARTS = {"train": ("train", "val"), "test": ("test",)}
"""Which of BSDS500's sets make training backgrounds and which make test backgrounds."""


@cache
def manifest() -> dict[str, str]:
    """Give the SHA-256 of each of the 500 photos by ``set/name.jpg``, sorted by name."""
    text = files(__package__).joinpath("bsds500_manifest.json").read_text()
    return dict(sorted(json.loads(text).items()))


def load_bsds500(folder: Path) -> dict[str, list[np.ndarray]]:
    """Find, or else download, verify and decode the photos, on all cores.

    Args:
        folder: holds ``images/{train,val,test}/*.jpg``, or one of `ARCHIVES`; see `raw_folder` for the environment
            variable that overrides it.

    Returns:
        ``train`` (BSDS500 train and val, 300 photos) and ``test`` (200): (H, W, 3) uint8 RGB, sorted by name.

    Raises:
        RawDataError: a photo is missing and cannot be had, or is not the original.
    """
    found, may_download = raw_folder(folder)
    images = found / "images"
    if may_download and not all((images / name).exists() for name in manifest()):
        _provide(found)
    check_present(images, manifest())
    logger.info("BSDS500 from %s", found)
    with ThreadPoolExecutor(threads()) as pool:  # hashing and decoding release the interpreter lock
        photos = dict(zip(manifest(), pool.map(lambda item: _decode(images, *item), manifest().items()), strict=True))
    return {
        part: [photo for name, photo in photos.items() if name.split("/")[0] in sets] for part, sets in PARTS.items()
    }


def _decode(images: Path, name: str, digest: str) -> np.ndarray:
    content = read_verified(images / name, "sha256", digest)
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def _provide(folder: Path) -> None:
    """Fill in the missing photos from an archive that lies in the folder, or from a downloaded one."""
    for name in ARCHIVES:
        if (folder / name).is_file():
            extract(folder / name, folder / "images")
            return
    from .download import fetch

    problems = []
    for name, mirrors in ARCHIVES.items():
        try:
            extract(fetch(mirrors, folder, name, known_hash=None), folder / "images")
            return
        except RawDataError as error:
            problems.append(str(error))
    raise RawDataError("\n".join(problems))


def extract(archive: Path, images: Path) -> None:
    """Take the photos of the manifest out of a ``.tgz`` or ``.zip``, and nothing else.

    The paths in the archive are never written to: a member counts as the photo whose ``set/name.jpg`` its path ends
    with, and only if its bytes are those of the manifest.

    Args:
        archive: any archive with paths that end in ``images/{train,val,test}/*.jpg``.
        images: where ``{train,val,test}/*.jpg`` go; a photo that is there already is left alone.

    Raises:
        RawDataError: the archive is damaged, or does not hold every missing photo.
    """
    missing = {name: digest for name, digest in manifest().items() if not (images / name).exists()}
    try:
        for path, content in _members(archive):
            name = "/".join(PurePosixPath(path).parts[-2:])
            if name in missing and sha256(content).hexdigest() == missing[name]:
                _write_whole(images / name, content)
                del missing[name]
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise RawDataError(
            f"{archive} is damaged ({error}). Delete it and run again to fetch it anew; extracted photos stay."
        ) from error
    if missing:
        raise RawDataError(
            f"{archive} does not hold {len(missing)} of the 500 photos as published, "
            f"e.g. images/{next(iter(missing))}. Delete it and run again to fetch it anew."
        )


def _members(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Give path and content of every regular file of plausible size under an ``images`` folder."""
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as zipped:
            for info in zipped.infolist():
                if _is_photo(info.filename, info.file_size):
                    with zipped.open(info) as file:
                        yield info.filename, _read(file)
    else:
        with tarfile.open(archive, "r:*") as tar:
            for member in tar:
                if member.isreg() and _is_photo(member.name, member.size):
                    content = tar.extractfile(member)
                    if content is not None:
                        yield member.name, _read(content)


def _is_photo(path: str, size: int) -> bool:
    parts = PurePosixPath(path).parts
    return len(parts) >= 3 and parts[-3] == "images" and parts[-1].endswith(".jpg") and size <= LARGEST_PHOTO


def _read(file: IO[bytes]) -> bytes:
    return file.read(LARGEST_PHOTO)  # a header that lies about the size costs no more than this


def _write_whole(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.write_bytes(content)
    temporary.replace(path)
