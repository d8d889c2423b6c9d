"""MNIST-M: MNIST's digits over photos, blended as ``kedro run`` does with the seed 0 and the default threshold."""

from pathlib import Path

import numpy as np

from ...parameters import SynthesisParams
from ...seeds import stream
from ..blending import blend, pack_photos
from ..bsds500 import load_bsds500, manifest
from ..format import DIGITS
from ..mnist import FILES, SIZES, load_mnist
from ..raw_files import published

__all__ = ["SIZES", "content", "load"]

SEED = 0
"""Fixed, whatever the seed of a run is: this is a data set."""


def load(raw: Path) -> dict[str, np.ndarray]:
    """Blend training digits over training photos, test over test; see `blend`."""
    found, photos = load_mnist(raw / "mnist"), load_bsds500(raw / "bsds500")
    for part in ("train", "test"):
        found[f"{part}_images"] = blend(
            found[f"{part}_images"],
            *pack_photos(photos[part], DIGITS.side),
            threshold=SynthesisParams().threshold,
            seed=stream(SEED, f"synthesis/{part}"),
        )
    return found


def content() -> str:
    """Give the hash of the published files that it is made of."""
    return published(dict(FILES.values()) | manifest() | {"blended with seed": str(SEED)})


def origin() -> str:
    """Give the content of MNIST, whose digits these are, in the same order."""
    return published(dict(FILES.values()))
