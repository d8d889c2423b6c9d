"""Peak memory of synthesis and of training, against the bytes of the arrays that must be held.

Those are digits, photos and images, and in training also what a step keeps for its backward pass. Each is
measured in a separate process, without what that held before: Python, torch and what torch loads in its first step.
"""

import ctypes
import gc
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from mnistm_da.adaptation.optimization.batches import TrainingData
from mnistm_da.domains.blending import blend, pack_photos
from mnistm_da.domains.format import DIGITS
from mnistm_da.parameters import TrainingParams

from . import data
from .measure import ROOT, Result
from .training import epoch


def run(raw: data.Raw, rounds: int) -> Iterator[Result]:
    """Measure ``rounds`` times; at most 3, it hardly differs."""
    for work in ("synthesis",) if raw.is_quick else ("synthesis", "training"):
        command = [sys.executable, "-m", "speed.memory", work, "quick" if raw.is_quick else "real"]
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
            {key: number / 2**20 for key, number in found[-1].items()} | {"unit": "MiB"},
        )


def bytes_held() -> int:
    """Give the bytes that the process holds now, nothing freed among them, and let its peak begin anew (Linux)."""
    gc.collect()
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    return memory("VmRSS")


def memory(name: str) -> int:
    """Give the bytes that Linux tells of this process by a name, such as ``VmHWM``: its peak."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024


def measure(work: str, raw: data.Raw) -> dict[str, int]:
    """Do it once; give the bytes of the arrays, and the peak: those and whatever else was used."""
    training = TrainingParams(epochs=1, batch_size=64 if raw.is_quick else 128)
    if work == "synthesis":
        digits, (pixels, shapes) = raw.digits["train_images"], pack_photos(raw.photos["train"], DIGITS.side)
        held, before = pixels.nbytes + digits.nbytes, bytes_held()
        images = blend(digits, pixels, shapes, threshold=0, seed=[0])
        return {"used": memory("VmHWM") - before + held, "arrays": held + images.nbytes}
    splits = raw.splits(raw.count)
    data_held = sum(array.nbytes for one in (splits.source, splits.target) for array in one.values())
    kept = _kept_for_backward(raw.splits(training.batch_size), training)
    before = bytes_held()
    epoch(splits, training)
    return {"used": memory("VmHWM") - before + data_held, "arrays": data_held + kept, "images": data_held}


def _kept_for_backward(one_batch: TrainingData, training: TrainingParams) -> int:
    """Train one step; give the bytes of all tensors that its backward pass needs, each memory once."""
    kept: dict[int, Tensor] = {}  # held until the end, so that no address is given twice

    def keep(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        epoch(one_batch, training)
    return sum(tensor.untyped_storage().nbytes() for tensor in kept.values())


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], data.sample() if sys.argv[2] == "quick" else data.real())))
