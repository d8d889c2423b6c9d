"""DANN of pykale 0.2.1, used as its example `examples/digits_dann` does, with our network."""

from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from kale.loaddata.dataset_access import DatasetAccess
from kale.loaddata.multi_domain import MultiDomainAccess, MultiDomainDataset
from kale.pipeline.domain_adapter import Method, create_dann_like
from kale.predict.class_domain_nets import DomainNetSmallImage
from torch import Tensor, nn

from .task import Task, as_float, networks, run

TESTED = 300
"""Images of a test set that it asks for and that is not used."""


class Images(torch.utils.data.Dataset):
    """Images and labels in memory."""

    def __init__(self, images: np.ndarray, labels: np.ndarray) -> None:
        self.data, self.labels = torch.from_numpy(as_float(images)), labels

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.data[index], int(self.labels[index])


class Access(DatasetAccess):
    """A domain as pykale asks for it."""

    def __init__(self, images: np.ndarray, labels: np.ndarray) -> None:
        super().__init__(10)
        self.images, self.labels = images, labels

    def get_train(self) -> Images:
        return Images(self.images, self.labels)

    def get_test(self) -> Images:
        return Images(self.images[:TESTED], self.labels[:TESTED])


def train(task: Task) -> tuple[nn.Module, nn.Module]:
    """Train as documented, but without what we do not do either: a logger, checkpoints, a validation each epoch."""
    extract, classify, features = networks(task.seed)
    unknown = np.zeros(len(task.target), int)  # it counts hits on the target's labels, but no loss reads them
    domains = {"MNIST": Access(task.source, task.labels), "MNISTM": Access(task.target, unknown)}
    model = create_dann_like(
        method=Method.DANN,
        dataset=MultiDomainDataset(MultiDomainAccess(domains, 10, return_domain_label=True), valid_split_ratio=0),
        feature_extractor=extract,
        task_classifier=classify,
        critic=DomainNetSmallImage(features),
        target_domain="MNISTM",
        nb_init_epochs=0,
        nb_adapt_epochs=task.epochs,
        **_options(task),
    )
    trainer = pl.Trainer(
        max_epochs=task.epochs,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        limit_val_batches=0,
    )
    trainer.fit(model)
    return model.feat, model.classifier


def _options(task: Task) -> dict[str, Any]:
    """Give batch, learning rate and optimizer: of its configuration's defaults, or ours."""
    if task.settings == "ours":
        optimizer = {"type": "AdamW", "optim_params": {"weight_decay": 1e-2}}
        return {"batch_size": 2 * task.batch_size, "init_lr": 1e-3, "adapt_lr": False, "optimizer": optimizer}
    momentum = {"momentum": 0.9, "weight_decay": 5e-4, "nesterov": True}
    return {"batch_size": 150, "init_lr": 1e-3, "optimizer": {"type": "SGD", "optim_params": momentum}}


if __name__ == "__main__":
    run(train)
