"""Reading a user's own pictures: against one core's rate times the number of cores, and against the array's memory."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from mnistm_da.cores import usable
from mnistm_da.domains.folders import decode_all
from mnistm_da.domains.pictures.decode import picture_of
from mnistm_da.domains.pictures.fitting import fitted

from .data import Raw
from .measure import Result, alternate
from .memory import bytes_held, memory

COUNT, SIDE = 10_000, 32
KINDS = {"small PNG": ((64, 48), "png", 1), "JPEG of a camera": ((1280, 960), "jpg", 50)}
"""Size, format, and of how many there are fewer."""


def run(raw: Raw, rounds: int) -> Iterator[Result]:
    """Read them with `decode_all`, and one by one."""
    for kind, (size, suffix, fewer) in KINDS.items():
        with tempfile.TemporaryDirectory() as folder:
            paths = _draw(Path(folder), 40 if raw.is_quick else COUNT // fewer, size, suffix)

            def one_core(paths: list[Path] = paths) -> np.ndarray:
                return np.stack([fitted(picture_of(path)[0], SIDE, "pad") for path in paths])

            def all_cores(paths: list[Path] = paths) -> np.ndarray:
                return decode_all(paths, SIDE, "pad", "these")[0]

            times = alternate(all_cores, one_core, rounds)
            before = bytes_held()
            images = all_cores()
            used = memory("VmHWM") - before
        yield Result(
            f"own pictures, {kind}",
            "decode on one core, divided by the cores",
            [mine / (theirs / usable()) for mine, theirs in times],
            "×",
            1.3,
            "at_most",
            {"pictures": len(paths)},
        )
        if fewer == 1 and not raw.is_quick:  # of few pictures, what a decoder needs is more than the array
            yield Result(
                "peak memory of reading own pictures",
                "the array that must be held",
                [used / images.nbytes],
                "×",
                1.5,
                "at_most",
                {"used": used / 2**20, "arrays": images.nbytes / 2**20, "unit": "MiB"},
            )


def _draw(folder: Path, count: int, size: tuple[int, int], suffix: str) -> list[Path]:
    rng = np.random.default_rng(0)
    paths = [folder / f"{number}.{suffix}" for number in range(count)]
    for path in paths:
        small = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8))
        small.resize(size, Image.Resampling.BICUBIC).save(path)
    return paths
