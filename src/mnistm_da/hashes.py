"""Hashes of contents, SHA-256 in hexadecimal, and checksums of named arrays."""

import hashlib
from pathlib import Path
from zlib import crc32

import numpy as np

CHECKSUM = "checksum"
"""The name of the array that `sealed` adds."""


def content_hash(path: Path) -> str:
    """Hash a file on a disk of this machine."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def text_hash(text: str) -> str:
    """Hash a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def checksum(*all_arrays: dict[str, np.ndarray]) -> int:
    """Give a checksum (CRC-32) of named arrays: other arrays or names, another number."""
    total = 0
    for arrays in all_arrays:
        for name in sorted(arrays):
            total = crc32(np.ascontiguousarray(arrays[name]).data, crc32(name.encode(), total))
    return total


def sealed(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Add an array with the checksum of the others: safetensors checks the form of a file, and not its content."""
    return arrays | {CHECKSUM: np.array([checksum(arrays)], dtype=np.uint32)}


def unsealed(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Take that array away; what an earlier version saved has none.

    Raises:
        ValueError: the arrays are others than those that were sealed.
    """
    others = {name: array for name, array in arrays.items() if name != CHECKSUM}
    if CHECKSUM in arrays and int(arrays[CHECKSUM][0]) != checksum(others):
        raise ValueError("its checksum is another one")
    return others
