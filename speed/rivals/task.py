"""What every rival's script shares: images, networks, and how processor time and accuracy are measured.

Imported in environments that have torch, NumPy and pydantic, but nothing else that this project needs.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from mnistm_da.adaptation.networks.registry import architecture_class
from mnistm_da.domains.format import DIGITS
from mnistm_da.parameters import NetworkParams

FILE = "images.npz"


@dataclass(frozen=True)
class Task:
    """The images, and how to train on them.

    Attributes:
        source: ``(N, 1, 28, 28)`` uint8 0–255.
        labels: ``(N,)`` int64, of the source.
        target: ``(N, 3, 28, 28)`` uint8 0–255.
        settings: whose optimizer, discriminator and batches: ``ours`` or ``recommended`` by the rival's documentation.
            For our own script, the precision.
        batch_size: images of each domain in a step, in our settings.
    """

    source: np.ndarray
    labels: np.ndarray
    target: np.ndarray
    settings: str
    epochs: int
    batch_size: int
    seed: int


def networks(seed: int) -> tuple[nn.Module, nn.Module, int]:
    """Make our default feature extractor and label classifier; give the length of a feature vector too."""
    torch.manual_seed(seed)
    params = NetworkParams()
    made = architecture_class(params.architecture)(params, DIGITS)
    return made.feature_extractor(), made.label_classifier(), made.features


def as_float(images: np.ndarray) -> np.ndarray:
    """Turn ``(N, 1 or 3, 28, 28)`` uint8 into float32 0–1 with three channels, as both libraries want it."""
    return np.broadcast_to(images, (len(images), 3, *images.shape[2:])).astype(np.float32) / 255


def run(train: Callable[[Task], tuple[nn.Module, nn.Module]]) -> None:
    """Measure ``train`` as the command line says, and print one line of JSON.

    The time is that of the training and of what the library does to the images before it; not that of imports, of
    reading the file, or of the test.

    Args:
        train: gives the trained feature extractor and label classifier.
    """
    folder, settings, epochs, batch_size, seed = sys.argv[1:]
    torch.set_num_threads(1)
    with np.load(Path(folder) / FILE) as read:
        arrays = dict(read)
    task = Task(
        source=arrays["source"],
        labels=arrays["labels"],
        target=arrays["target"],
        settings=settings,
        epochs=int(epochs),
        batch_size=int(batch_size),
        seed=int(seed),
    )
    wall, processor = time.perf_counter(), time.process_time()
    extract, classify = train(task)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    found = accuracy(extract, classify, arrays["test_images"], arrays["test_labels"])
    print(json.dumps({"processor": processor, "wall": wall, "accuracy": found}))


@torch.no_grad()
def accuracy(extract: nn.Module, classify: nn.Module, images: np.ndarray, labels: np.ndarray) -> float:
    """Give the share of images that are classified rightly, in float32."""
    extract.eval(), classify.eval()
    right = 0
    for start in range(0, len(images), 250):
        logits = classify(extract(torch.from_numpy(as_float(images[start : start + 250]))))
        right += int((logits.argmax(1).numpy() == labels[start : start + 250]).sum())
    return right / len(images)
