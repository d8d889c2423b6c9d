"""Hashes of contents: SHA-256, hexadecimal."""

import hashlib
from pathlib import Path


def content_hash(path: Path) -> str:
    """Hash a file on a disk of this machine."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def text_hash(text: str) -> str:
    """Hash a text."""
    return hashlib.sha256(text.encode()).hexdigest()
