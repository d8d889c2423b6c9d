"""MNIST, from the original files; see `domains/mnist.py`."""

from pathlib import Path

import numpy as np

from ..mnist import FILES, SIZES, load_mnist
from ..raw_files import published

__all__ = ["SIZES", "content", "load"]


def load(raw: Path) -> dict[str, np.ndarray]:
    """Give the images as they are; see `load_mnist`."""
    return load_mnist(raw / "mnist")


def content() -> str:
    """Give the hash of the published files."""
    return published(dict(FILES.values()))
