"""SVHN: digits of house numbers (Netzer et al., NIPS workshop on deep learning and unsupervised feature learning 2011).

The files are those of the cropped digits, without the extra ones; torchvision reads them with SciPy.
"""

from pathlib import Path

import numpy as np

from ..format import DIGITS
from ..raw_files import provide, published
from ..resizing import resized
from ..sizes import Sizes

FILES = {
    "train": ("train_32x32.mat", "e26dedcc434d2e4c54c9b2d4a06d8373"),
    "test": ("test_32x32.mat", "eb5a983be6a315427106f1b164d9cef3"),
}
"""Name and MD5 of each."""

MIRRORS = ("http://ufldl.stanford.edu/housenumbers/",)
SIZES = Sizes(train=73_257, fewest=4_659, test=26_032)


def load(raw: Path) -> dict[str, np.ndarray]:
    """Find, or else download, verify and decode SVHN, reduced to the side of `DIGITS`; its label 10 is a 0.

    Raises:
        RawDataError: a file is missing and cannot be had, or is not the original.
    """
    from torchvision.datasets import SVHN

    found = {}
    for part, (name, md5) in FILES.items():
        path = provide(name, md5, raw / "svhn", MIRRORS)
        read = SVHN(path.parent, split=part)
        found[f"{part}_images"] = resized(read.data, DIGITS.side)
        found[f"{part}_labels"] = read.labels
    return found


def content() -> str:
    """Give the hash of the published files."""
    return published(dict(FILES.values()))
