"""USPS: digits of post codes (Hull, "A database for handwritten text recognition research", TPAMI 1994).

The files are those of LIBSVM's page; torchvision reads them.
"""

from pathlib import Path

import numpy as np

from ..format import DIGITS
from ..raw_files import provide, published
from ..resizing import resized
from ..sizes import Sizes

FILES = {
    "train": ("usps.bz2", "ec16c51db3855ca6c91edd34d0e9b197"),
    "test": ("usps.t.bz2", "8ea070ee2aca1ac39742fdd1ef5ed118"),
}
"""Name and MD5 of each."""

MIRRORS = ("https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass/",)
SIZES = Sizes(train=7_291, fewest=542, test=2_007)


def load(raw: Path) -> dict[str, np.ndarray]:
    """Find, or else download, verify and decode USPS, enlarged to the side of `DIGITS`.

    Raises:
        RawDataError: a file is missing and cannot be had, or is not the original.
    """
    from torchvision.datasets import USPS

    found = {}
    for part, (name, md5) in FILES.items():
        path = provide(name, md5, raw / "usps", MIRRORS)
        read = USPS(path.parent, train=part == "train")
        found[f"{part}_images"] = resized(read.data, DIGITS.side)
        found[f"{part}_labels"] = np.array(read.targets, dtype=np.int64)
    return found


def content() -> str:
    """Give the hash of the published files."""
    return published(dict(FILES.values()))
