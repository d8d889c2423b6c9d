"""Pictures with a few bytes changed, cut out or put in: each is read or left out, and nothing else happens."""

import io
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image

from mnistm_da.domains.pictures import PicturesError, read_pictures


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.integers(1, 6)):
        # most formats keep what a decoder stumbles over at their beginning
        place = int(rng.integers(0, min(len(changed), 400) if rng.random() < 0.7 else len(changed)))
        kind = rng.integers(0, 4)
        if kind == 0:
            changed[place] = int(rng.integers(0, 256))
        elif kind == 1:
            changed[place : place + int(rng.integers(1, 9))] = rng.bytes(int(rng.integers(0, 9)))
        elif kind == 2:
            changed[place : place + 4] = bytes([0, 255][int(rng.integers(0, 2))] for _ in range(4))
        else:
            del changed[max(place, 12) :]
        changed = changed or bytearray(1)
    return bytes(changed)


def fuzz(folder: Path, name: str, options: dict, count: int, seed: int) -> Counter:
    """Read ``count`` mutations of a small picture, one file each, and count what became of them."""
    rng = np.random.default_rng(seed)
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    picture = Image.fromarray(rng.integers(0, 255, (24, 32, 3), dtype=np.uint8))
    with_exif = {"exif": exif} if name in ("PNG", "JPEG", "TIFF", "WEBP", "AVIF") else {}
    picture.save(out, name, **options, **with_exif)
    became: Counter = Counter()
    for number in range(count):
        path = folder / f"{number}.png"
        path.write_bytes(mutated(out.getvalue(), rng))
        try:
            read = read_pictures(path)
            assert read.images.shape == (1, 3, 28, 28)
            became["read"] += 1
        except PicturesError:
            became["left out"] += 1
        path.unlink()
    return became


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        for of in ("PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP", "AVIF", "JPEG2000", "PPM", "TGA", "PCX", "ICO"):
            print(of, dict(fuzz(Path(place), of, {}, int(sys.argv[1]) // 12, seed=1)), flush=True)
