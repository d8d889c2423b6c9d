"""The one training loop: device, seed, data order, learning rate, progress. What a step does is the algorithm's.

Reads top to bottom: `train` runs the epochs, `_Batches` gathers batches from images that stay on the device.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from math import cos, pi
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from ..parameters import TrainingParams
from .algorithm import Algorithm, Arrays, Batch, Splits
from .inference import accuracy
from .models import kept_epochs, weights
from .networks import as_input

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingData:
    """The splits training may read.

    Attributes:
        source: ``images`` and ``labels``.
        source_validation: ``images`` and ``labels``, for the accuracy shown per epoch.
        target: ``images`` only; ``labels`` too for the upper bound alone.
        few_labelled: a few target ``images`` with ``labels``, or nothing in the unsupervised setting.
    """

    source: Arrays
    source_validation: Arrays
    target: Arrays
    few_labelled: Arrays | None = None


class Bar(Protocol):
    """A progress bar: shows that one more step is done."""

    def __call__(self, description: str) -> None:
        """Advance by one step and show ``description``."""


def train(
    algorithm: Algorithm,
    data: TrainingData,
    params: TrainingParams,
    *,
    seed: int,
    device: torch.device,
    progress_bar: Callable[[int], AbstractContextManager[Bar]],
    checkpoints: int = 1,
) -> tuple[list[dict[str, float]], Arrays]:
    """Train an algorithm in place.

    Args:
        algorithm: made by `build`.
        data: the splits.
        params: budget and learning rate.
        seed: of the data order and of dropout; same seed, same result on a CPU.
        device: where to train.
        progress_bar: opens a progress bar over a number of steps.
        checkpoints: of how many epochs, evenly spaced and with the last one, the weights are kept.

    Returns:
        history: a row per epoch: ``epoch`` (1, 2, …), ``seconds``, ``learning_rate`` (of its last step),
            ``loss/<term>`` (mean over the steps that have it), ``source_validation_accuracy`` (0–1).
        checkpoints: `weights` by ``<epoch>/<name>``; see `checkpoint`.

    Raises:
        ValueError: a split smaller than a batch.
        FloatingPointError: a loss term became NaN or infinite.
    """
    algorithm.networks.to(device).to(memory_format=torch.channels_last).train()
    torch.manual_seed(seed)
    batches = _Batches(data, params.batch_size, algorithm.reads_target, seed, device)
    steps = params.epochs * batches.per_epoch
    history: list[dict[str, float]] = []
    kept: Arrays = {}
    keep = kept_epochs(params.epochs, checkpoints)
    with progress_bar(steps) as advance:
        for epoch in range(params.epochs):
            started = time.perf_counter()
            totals: dict[str, Tensor] = {}
            counts: Counter[str] = Counter()  # an algorithm of two stages has other terms in each
            algorithm.start_epoch(batches.splits, epoch / params.epochs)
            for number, batch in enumerate(batches):
                done = (epoch * batches.per_epoch + number) / steps
                rate = _set_learning_rate(algorithm, params, done)
                terms = algorithm.step(batch, done)
                if data.few_labelled is not None:
                    terms["few_labels"] = algorithm.fit(*batches.few_labelled())
                for term, loss in terms.items():
                    # Stays on the device: no sync in the step.
                    totals[term] = totals[term] + loss if term in totals else loss
                counts.update(terms.keys())
                advance(f"epoch {epoch + 1}/{params.epochs}")
            if epoch + 1 == params.epochs:
                algorithm.finish(batches.splits)
            row = {"epoch": epoch + 1, "seconds": 0.0, "learning_rate": rate}
            row |= {f"loss/{term}": float(total) / counts[term] for term, total in totals.items()}
            row["seconds"] = time.perf_counter() - started  # after the sync above
            _check_finite(row)
            row["source_validation_accuracy"] = accuracy(algorithm, data.source_validation, device)
            history.append(row)
            if epoch + 1 in keep:
                kept |= {f"{epoch + 1}/{name}": array for name, array in weights(algorithm).items()}
            _log(row, params.epochs, batches.per_epoch * params.batch_size)
    return history, kept


class _Batches:
    """Shuffled batches of both domains, gathered on the device; iterating gives one epoch of the source."""

    def __init__(self, data: TrainingData, size: int, reads_target: bool, seed: int, device: torch.device) -> None:
        for name, split in (("source", data.source), ("target", data.target)):
            if len(split["images"]) < (1 if data.few_labelled is not None and name == "target" else size):
                raise ValueError(
                    f"the {name} training split has {len(split['images'])} images, fewer than a batch of "
                    f"{size}: lower training.batch_size"
                )
        self.source = {name: torch.from_numpy(array).to(device) for name, array in data.source.items()}
        self.target = {name: torch.from_numpy(array).to(device) for name, array in data.target.items()}
        self.splits = Splits(self.source["images"], self.source["labels"], self.target["images"])
        self.size, self.reads_target = size, reads_target
        self.few = {name: torch.from_numpy(array).to(device) for name, array in (data.few_labelled or {}).items()}
        self.order = torch.Generator().manual_seed(seed)
        self.per_epoch = len(self.source["images"]) // size
        self._target_order = self._endless(len(self.target["images"]))

    def _endless(self, count: int) -> Iterator[Tensor]:
        if count < self.size:  # a few labelled images alone: drawn with replacement
            while True:
                yield torch.randint(count, (self.size,), generator=self.order)
        while True:
            yield from torch.randperm(count, generator=self.order).split(self.size)[: count // self.size]

    def few_labelled(self) -> tuple[Tensor, Tensor]:
        """Draw a batch of the few labelled target images, with replacement, and its labels."""
        chosen = torch.randint(len(self.few["labels"]), (self.size,), generator=self.order)
        chosen = chosen.to(self.few["labels"].device)
        return as_input(self.few["images"][chosen]), self.few["labels"][chosen]

    def __iter__(self) -> Iterator[Batch]:
        source_order = self._endless(len(self.source["images"]))
        for _ in range(self.per_epoch):
            source = next(source_order).to(self.source["images"].device)
            images, labels = as_input(self.source["images"][source]), self.source["labels"][source]
            if not self.reads_target:
                yield Batch(images, labels)
                continue
            target = next(self._target_order).to(source.device)
            target_labels = self.target["labels"][target] if "labels" in self.target else None
            yield Batch(images, labels, as_input(self.target["images"][target]), target_labels, target)


def _set_learning_rate(algorithm: Algorithm, params: TrainingParams, done: float) -> float:
    if done < params.warmup:
        share = done / params.warmup
    else:
        left = 1 - (done - params.warmup) / (1 - params.warmup)
        share = {"linear": left, "cosine": (1 - cos(pi * left)) / 2, "constant": 1.0}[params.decay]
    for optimizer in algorithm.optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group.setdefault("initial_lr", group["lr"]) * share
    return params.learning_rate * share


def _check_finite(row: dict[str, float]) -> None:
    bad = [name.removeprefix("loss/") for name, value in row.items() if not np.isfinite(value)]
    if bad:
        raise FloatingPointError(
            f"training diverged in epoch {row['epoch']:.0f}: loss term {', '.join(bad)} is not finite; "
            f"lower training.learning_rate (it was {row['learning_rate']:.2g}) or the weight of that term"
        )


def _log(row: dict[str, float], epochs: int, images: int) -> None:
    losses = " · ".join(f"{k.removeprefix('loss/')} {v:.3f}" for k, v in row.items() if k.startswith("loss/"))
    left = (epochs - row["epoch"]) * row["seconds"]
    logger.info(
        "epoch %d/%d · %s · source validation %.1f %% · %s images/s per domain · %d:%02d left",
        row["epoch"],
        epochs,
        losses,
        100 * row["source_validation_accuracy"],
        f"{images / row['seconds']:,.0f}",
        *divmod(round(left), 60),
    )
