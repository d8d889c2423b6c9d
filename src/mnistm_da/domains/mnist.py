"""MNIST: the four original files (LeCun, Cortes, Burges), verified by their well-known MD5."""

import gzip
import logging
from pathlib import Path

import numpy as np

from .raw_files import find, raw_folders, read_verified
from .sizes import Sizes

logger = logging.getLogger(__name__)

FILES = {
    "train_images": ("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
    "train_labels": ("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432"),
    "test_images": ("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3"),
    "test_labels": ("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c"),
}

UNPACKED = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
"""SHA-256 of the same files, unpacked."""

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "http://yann.lecun.com/exdb/mnist/",
)

SIZES = Sizes(train=60_000, fewest=5_421, test=10_000)
"""Of the original files, whose rarest training digit is the 5."""

UNSIGNED_BYTE = 0x08


def load_mnist(folder: Path) -> dict[str, np.ndarray]:
    """Find, or else download, verify and decode MNIST.

    Args:
        folder: where the files are kept, as published or unpacked; see `raw_folders` for the environment variable
            that names another one, which is looked through first.

    Returns:
        ``train_images`` (60000, 28, 28) and ``test_images`` (10000, 28, 28) uint8 0–255, ``train_labels`` (60000,)
        and ``test_labels`` (10000,) int64 0–9.

    Raises:
        RawDataError: a file is missing and cannot be had, or is not the original.
    """
    folders = raw_folders(folder)
    paths = {
        key: find(_forms(name), folders) or _download(name, digest, folder) for key, (name, digest) in FILES.items()
    }
    logger.info("MNIST from %s", " and ".join(sorted({str(path.parent) for path in paths.values()})))
    arrays = {key: read_idx(_read(path, *FILES[key])) for key, path in paths.items()}
    return {key: array.astype(np.int64) if "labels" in key else array for key, array in arrays.items()}


def _forms(name: str) -> list[str]:
    """Give the names under which a file is about: as published, unpacked, with a dot, unpacked into a folder."""
    plain = name.removesuffix(".gz")
    dotted = plain.replace("-idx", ".idx")
    return [name, f"{dotted}.gz", plain, dotted, f"{plain}/{plain}", f"{dotted}/{dotted}"]


def _read(path: Path, name: str, md5: str) -> bytes:
    if path.suffix == ".gz":
        return gzip.decompress(read_verified(path, "md5", md5))
    return read_verified(path, "sha256", UNPACKED[name.removesuffix(".gz")])


def _download(name: str, md5: str, folder: Path) -> Path:
    from .download import fetch

    return fetch([mirror + name for mirror in MIRRORS], folder, name, f"md5:{md5}")


def read_idx(content: bytes) -> np.ndarray:
    """Decode the IDX format: two zero bytes, a type code, the number of axes, their sizes (big-endian), the values.

    Raises:
        ValueError: not an IDX file of unsigned bytes, or its length is not the one its header says.
    """
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != UNSIGNED_BYTE:
        raise ValueError(f"not an IDX file of unsigned bytes: it starts with {content[:4].hex()}")
    axes = content[3]
    start = 4 + 4 * axes
    if len(content) < start:
        raise ValueError(f"an IDX file of {axes} axes cannot end after {len(content)} bytes")
    shape = tuple(np.frombuffer(content[4:start], dtype=">u4").astype(int))
    if len(content) - start != np.prod(shape, dtype=int):
        raise ValueError(f"an IDX file of shape {shape} cannot have {len(content) - start} values")
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape).copy()
