"""The data of a training, and the batches that a step sees."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from mnistm_da.adaptation.algorithm import Arrays, Batch, Splits
from mnistm_da.adaptation.augmentation import augment
from mnistm_da.adaptation.networks.forward import as_input
from mnistm_da.adaptation.optimization.state import Order
from mnistm_da.errors import UserError
from mnistm_da.hashes import checksum
from mnistm_da.parameters import TrainingParams


@dataclass(frozen=True)
class TrainingData:
    """The splits training may read.

    Attributes:
        source: ``images`` and ``labels``; of several sources also ``domains``; empty for source-free algorithms.
        source_validation: ``images`` and ``labels``, for the accuracy shown per epoch; likewise.
        target: ``images`` only; ``labels`` too for the upper bound alone.
        few_labelled: a few target ``images`` with ``labels``, or nothing in the unsupervised setting.
    """

    source: Arrays
    source_validation: Arrays
    target: Arrays
    few_labelled: Arrays | None = None

    def fingerprint(self) -> int:
        """Give a checksum (CRC-32) of all arrays: other data, another number."""
        return checksum(self.source, self.source_validation, self.target, self.few_labelled or {})

    def without_source(self) -> "TrainingData":
        """Give the same without anything of the source."""
        return replace(self, source={}, source_validation={})


class Batches:
    """Shuffled batches of both domains, gathered on the device; iterating gives one epoch of the source.

    Without a source, it is one epoch of the target, and the source's part of a batch has no image.
    """

    def __init__(
        self,
        data: TrainingData,
        params: TrainingParams,
        reads_target: bool,
        seed: int,
        device: torch.device,
        channels: int,
    ) -> None:
        size = params.batch_size
        read = {"source": data.source, "target": data.target} if data.source else {"target": data.target}
        for name, split in read.items():
            if len(split["images"]) < (1 if data.few_labelled is not None and name == "target" else size):
                raise UserError(
                    f"the {name} training split has {len(split['images'])} images, fewer than a batch of "
                    f"{size}: lower training.batch_size"
                )
        source = data.source or {"images": data.target["images"][:0], "labels": np.empty(0, np.int64)}
        self.source = {name: torch.from_numpy(array).to(device) for name, array in source.items()}
        self.target = {name: torch.from_numpy(array).to(device) for name, array in data.target.items()}
        self.splits = Splits(self.source["images"], self.source["labels"], self.target["images"])
        self.size, self.reads_target, self.channels = size, reads_target, channels
        self.augmentation = params.augmentation
        self.few = {name: torch.from_numpy(array).to(device) for name, array in (data.few_labelled or {}).items()}
        generator = torch.Generator().manual_seed(seed)
        self.orders = {name: Order(len(split["images"]), size, generator) for name, split in read.items()}
        self.per_epoch = next(iter(self.orders.values())).count // size

    def few_labelled(self) -> tuple[Tensor, Tensor]:
        """Draw a batch of the few labelled target images, with replacement, and its labels."""
        generator = self.orders["target"].generator
        chosen = torch.randint(len(self.few["labels"]), (self.size,), generator=generator)
        chosen = chosen.to(self.few["labels"].device, non_blocking=True)
        return self._input(self.few["images"][chosen]), self.few["labels"][chosen]

    def __iter__(self) -> Iterator[Batch]:
        for _ in range(self.per_epoch):
            images, labels, domains = self._of_source()
            if not self.reads_target:
                yield Batch(images, labels, source_domains=domains)
                continue
            target = self._next("target")
            target_labels = self.target["labels"][target] if "labels" in self.target else None
            target_images = self._input(self.target["images"][target])
            yield Batch(images, labels, target_images, target_labels, target, domains)

    def _of_source(self) -> tuple[Tensor, Tensor, Tensor | None]:
        if "source" not in self.orders:
            return as_input(self.source["images"], self.channels), self.source["labels"], None
        source = self._next("source")
        domains = self.source["domains"][source] if "domains" in self.source else None
        return self._input(self.source["images"][source]), self.source["labels"][source], domains

    def _next(self, domain: str) -> Tensor:
        # Not blocking: the processor goes on to the next step while the device is still at this one.
        return next(self.orders[domain]).to(self.target["images"].device, non_blocking=True)

    def _input(self, stored: Tensor) -> Tensor:
        return augment(as_input(stored, self.channels), self.augmentation)
