"""The handwritten digits that scikit-learn ships (Alpaydin, Kaynak, UCI, 1998)."""

from importlib.metadata import version
from pathlib import Path

import numpy as np

from ..format import DIGITS
from ..raw_files import published
from ..resizing import resized
from ..sizes import Sizes

TEST = 5
"""Every fifth is for testing."""

SIZES = Sizes(train=1_437, fewest=133, test=360)


def load(_: Path) -> dict[str, np.ndarray]:
    """Give the embedded digits, enlarged to the side of `DIGITS`; no raw file is read."""
    from sklearn.datasets import load_digits

    read = load_digits()
    images = resized(np.round(read.images * (255 / 16)).astype(np.uint8), DIGITS.side)
    is_test = np.arange(len(images)) % TEST == 0
    return {
        f"{part}_{name}": array[chosen]
        for part, chosen in (("train", ~is_test), ("test", is_test))
        for name, array in (("images", images), ("labels", read.target.astype(np.int64)))
    }


def content() -> str:
    """Give a hash of the release that they ship in."""
    return published({"scikit-learn": version("scikit-learn")})
