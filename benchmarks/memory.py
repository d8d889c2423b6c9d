"""Peak memory of synthesis and of training, against the bytes of the arrays that must be held.

Both in a process of their own; what it held before (Python, torch) and what one step of training needs are taken off.
"""

import json
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
    """Measure ``rounds`` times; at most 3, it hardly differs."""
    command = [sys.executable, "-m", "benchmarks.memory", "quick" if raw.is_quick else "real"]
    found = [
        json.loads(
            subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
        )
        for _ in range(min(rounds, 3))
    ]
    for work in ("synthesis", "training"):
        yield Result(
            f"peak memory of {work}",
            "the arrays that must be held",
            [one[work]["used"] / one[work]["arrays"] for one in found],
            "×",
            1.5,
            "at_most",
            {key: number / 2**20 for key, number in found[-1][work].items()} | {"unit": "MiB"},
        )


def _held() -> int:
    """Give the bytes that the process holds now, and let its peak begin anew from there (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024


def measure(raw: data.Raw) -> dict[str, dict[str, int]]:
    """Do both; of each, the bytes of the arrays, what was used at the most, and how much of that a step needs."""
    digits, (pixels, shapes) = raw.digits["train_images"], pack_photos(raw.photos["train"])
    held, before = pixels.nbytes + digits.nbytes, _held()
    images = blend(digits, pixels, shapes, threshold=0, seed=[0])
    synthesis = {"used": _status("VmHWM") - before + held, "arrays": held + images.nbytes}
    del images, pixels

    training = TrainingParams(epochs=1, batch_size=64 if raw.is_quick else 128)
    few, splits = raw.splits(2 * training.batch_size), raw.splits(raw.count)
    epoch(few, training)
    before = _held()
    epoch(few, training)
    step = _status("VmHWM") - before  # of its activations, whatever the number of images
    held, before = sum(array.nbytes for one in (splits.source, splits.target) for array in one.values()), _held()
    epoch(splits, training)
    used = _status("VmHWM") - before - step + held
    return {"synthesis": synthesis, "training": {"used": used, "arrays": held, "a step": step}}


if __name__ == "__main__":
    print(json.dumps(measure(data.sample() if sys.argv[1] == "quick" else data.real())))
