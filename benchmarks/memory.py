"""Peak memory of synthesis and of training, against the bytes of the arrays that must be held.

Each is measured in a process of its own; what the process held before (Python, torch, a first small step) is taken off.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from mnistm_da.domains.blending import blend, pack_photos
from mnistm_da.parameters import TrainingParams

from . import data
from .measure import ROOT, Result
from .training import epoch


def run(raw: data.Raw, rounds: int) -> Iterator[Result]:
    """Measure each piece of work ``rounds`` times; at most 3, it hardly differs."""
    for work in ("synthesis", "training"):
        command = [sys.executable, "-m", "benchmarks.memory", work, "quick" if raw.is_quick else "real"]
        found = [
            json.loads(
                subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
            )
            for _ in range(min(rounds, 3))
        ]
        yield Result(
            f"peak memory of {work}",
            "the arrays that must be held",
            [one["used"] / one["arrays"] for one in found],
            "×",
            1.5,
            "at_most",
            {key: one / 2**20 for key, one in found[-1].items()} | {"unit": "MiB"},
        )


def _now() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def measure(work: str, raw: data.Raw) -> dict[str, int]:
    """Do the work once and say what was held before, what was used on top at the most, and the arrays' bytes."""
    training = TrainingParams(epochs=1, batch_size=64 if raw.is_quick else 128)
    epoch(raw.splits(2 * training.batch_size), training)
    pixels, shapes = pack_photos(raw.photos["train"])
    if work == "synthesis":
        digits = raw.digits["train_images"]
        before = _now()
        images = blend(digits, pixels, shapes, threshold=0, seed=[0])
        held = pixels.nbytes + digits.nbytes
        return {"before": before - held, "used": _peak() - before + held, "arrays": held + images.nbytes}
    splits = raw.splits(raw.count)
    held = sum(array.nbytes for split in (splits.source, splits.target) for array in split.values())
    before = _now()
    epoch(splits, training)
    return {"before": before - held, "used": _peak() - before + held, "arrays": held}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], data.sample() if sys.argv[2] == "quick" else data.real())))
