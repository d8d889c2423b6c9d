"""MNIST: the four original files (LeCun, Cortes, Burges), verified by their well-known MD5."""

import gzip
import logging
from pathlib import Path

import numpy as np

from .raw_files import check_present, raw_folder, read_verified

logger = logging.getLogger(__name__)

FILES = {
    "train_images": ("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
    "train_labels": ("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432"),
    "test_images": ("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3"),
    "test_labels": ("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c"),
}

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "http://yann.lecun.com/exdb/mnist/",
)

UNSIGNED_BYTE = 0x08


def load_mnist(folder: Path) -> dict[str, np.ndarray]:
    """Find, or else download, verify and decode MNIST.

    Args:
        folder: where the files are kept; see `raw_folder` for the environment variable that overrides it.

    Returns:
        ``train_images`` (60000, 28, 28) and ``test_images`` (10000, 28, 28) uint8 0–255, ``train_labels`` (60000,)
        and ``test_labels`` (10000,) int64 0–9.

    Raises:
        RawDataError: a file is missing and cannot be had, or is not the original.
    """
    found, may_download = raw_folder(folder)
    if may_download:
        _download_missing(found)
    check_present(found, [name for name, _ in FILES.values()])
    logger.info("MNIST from %s", found)
    arrays = {
        key: read_idx(gzip.decompress(read_verified(found / name, "md5", digest)))
        for key, (name, digest) in FILES.items()
    }
    return {key: array.astype(np.int64) if "labels" in key else array for key, array in arrays.items()}


def _download_missing(folder: Path) -> None:
    missing = [(name, digest) for name, digest in FILES.values() if not (folder / name).exists()]
    if not missing:
        return
    from .download import fetch

    for name, digest in missing:
        fetch([mirror + name for mirror in MIRRORS], folder, name, f"md5:{digest}")


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
