"""Verifying and decoding BSDS500's photos: against one core's rate times the number of cores."""

import io
from collections.abc import Iterator
from hashlib import sha256

import numpy as np
from PIL import Image

from mnistm_da.cores import usable
from mnistm_da.domains import bsds500
from mnistm_da.domains.raw_files import raw_folders

from .data import Raw
from .measure import ROOT, Result, alternate


def run(raw: Raw, rounds: int) -> Iterator[Result]:
    """Compare `load_bsds500` with a bare loop of hash and decode, as if that were divided over the cores."""
    if raw.is_quick:  # the embedded sample has no files of BSDS500
        return
    folder = ROOT / "data/01_raw/bsds500"
    found = raw_folders(folder)[0]
    names = list(bsds500.manifest())

    def one_core() -> list[np.ndarray]:
        photos = []
        for name in names:
            content = (found / "images" / name).read_bytes()
            sha256(content).hexdigest()
            photos.append(np.asarray(Image.open(io.BytesIO(content)).convert("RGB")))
        return photos

    times = alternate(lambda: bsds500.load_bsds500(folder), one_core, rounds)
    yield Result(
        "BSDS500, verify and decode",
        "hash and decode on one core, divided by the cores",
        [mine / (theirs / usable()) for mine, theirs in times],
        "×",
        1.3,
        "at_most",
        {"photos": len(names)},
    )
