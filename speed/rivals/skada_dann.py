"""DANN of SKADA 0.6, used as its example `examples/deep/plot_adversarial.py` does, with our network."""

from typing import Any

import numpy as np
import torch
from skada.deep import DANN
from skada.deep.modules import DomainClassifier
from torch import Tensor, nn

from .task import Task, as_float, networks, run


class Network(nn.Module):
    """Feature extractor and label classifier as SKADA calls them, like its own `MNISTtoUSPSNet`."""

    def __init__(self, features: nn.Module, classifier: nn.Module) -> None:
        super().__init__()
        self.features, self.classifier = features, classifier

    def forward(self, images: Tensor, sample_weight: Tensor | None = None) -> Tensor:
        return self.classifier(self.features(images))


def train(task: Task) -> tuple[nn.Module, nn.Module]:
    """Train as documented.

    Its own discriminator ends in a softmax over one unit, which is 1 whatever the unit: no gradient passes, so nothing
    is adapted. Our settings put a sigmoid in that place, and the weight of the domain loss is 1.
    """
    extract, classify, features = networks(task.seed)
    images = np.concatenate([as_float(task.source), as_float(task.target)])
    labels = np.concatenate([task.labels, np.full(len(task.target), -1)])
    domains = np.concatenate([np.full(len(task.source), 1), np.full(len(task.target), -2)])
    discriminator = DomainClassifier(num_features=features)
    options: dict[str, Any] = {"reg": 0.01, "lr": 1e-2, "batch_size": 128}
    if task.settings == "ours":
        discriminator.classifier[-1] = nn.Sigmoid()
        options = {"reg": 1, "lr": 1e-3, "batch_size": task.batch_size}
        options |= {"optimizer": torch.optim.AdamW, "optimizer__weight_decay": 1e-2}
    model = DANN(
        Network(extract, classify),
        layer_name="features",
        domain_classifier=discriminator,
        max_epochs=task.epochs,
        train_split=False,
        verbose=0,
        **options,
    )
    model.fit(images, labels, sample_domain=domains)
    trained = model.module_.base_module_
    return trained.features, trained.classifier


if __name__ == "__main__":
    run(train)
