"""What DANN's training is compared with: pytorch-adapt as its documentation uses it, and a step written by hand."""

from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from pytorch_adapt.datasets import CombinedSourceAndTargetDataset, DataloaderCreator, SourceDataset, TargetDataset
from pytorch_adapt.hooks import DANNHook
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision import transforms

from mnistm_da.adaptation.algorithms.dann import DANN, DANNParams
from mnistm_da.adaptation.losses.weighting import ramp
from mnistm_da.adaptation.optimization.batches import TrainingData


class Files(torch.utils.data.Dataset):
    """Image files and their labels, read as pytorch-adapt's MNIST and MNISTM datasets read them."""

    def __init__(self, folder: Path, images: np.ndarray, labels: np.ndarray, side: int) -> None:
        folder.mkdir(parents=True)
        self.labels = labels
        self.paths = [folder / f"{number}.png" for number in range(len(images))]
        for path, image in zip(self.paths, images, strict=True):
            Image.fromarray(image.transpose(1, 2, 0).squeeze()).save(path)
        self.transform = transforms.Compose(
            [
                transforms.Resize(side),
                transforms.ToTensor(),
                transforms.Lambda(lambda image: image.expand(3, -1, -1)),
                transforms.Normalize(mean=[0.5, 0.5, 0.5], std=[0.5, 0.5, 0.5]),
            ]
        )

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        with Image.open(self.paths[index]) as image:
            return self.transform(image), int(self.labels[index])


def files(folder: Path, data: TrainingData, side: int = 28) -> tuple[Files, Files]:
    """Write the images of both domains to files, to be read at the size of a network; target labels are not used."""
    labels = data.source["labels"]
    return (
        Files(folder / "source", data.source["images"], labels, side),
        Files(folder / "target", data.target["images"], labels, side),
    )


def documented_loader(source: Files, target: Files, batch_size: int) -> Generator[dict[str, Tensor], None, None]:
    """Give endless batches of pytorch-adapt's `DataloaderCreator` with 2 workers."""
    both = CombinedSourceAndTargetDataset(SourceDataset(source), TargetDataset(target))
    loader = DataloaderCreator(batch_size=batch_size, num_workers=2)(train=both)["train"]
    while True:
        yield from loader


def documented_step(models: Mapping[str, nn.Module], learning_rate: float) -> Callable[[dict[str, Tensor]], Any]:
    """Make DANN's step of pytorch-adapt's documentation: its hook, one Adam a network."""
    hook = DANNHook(opts=[torch.optim.Adam(model.parameters(), lr=learning_rate) for model in models.values()])
    return lambda batch: hook({**models, **batch})


class Reversal(torch.autograd.Function):
    """The gradient-reversal layer of arXiv 1505.07818."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, strength: float) -> Tensor:
        ctx.strength = strength
        return features.view_as(features)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient.neg() * ctx.strength, None


class HandWritten:
    """DANN's step as one would write it without any library, on images that lie in memory."""

    def __init__(self, like: DANN, source: tuple[Tensor, Tensor], target: Tensor, size: int) -> None:
        self.extract, self.classify, self.discriminate = like.feature_extractor, like.classifier, like.discriminator
        self.optimizer = torch.optim.AdamW(like.networks.parameters(), lr=1e-3, weight_decay=1e-2)
        (self.images, self.labels), self.target, self.size = source, target, size
        self.params: DANNParams = like.params

    def epoch(self) -> list[Tensor]:
        """Train one epoch; give the losses."""
        losses = []
        source_order, target_order = torch.randperm(len(self.images)), torch.randperm(len(self.target))
        steps = len(self.images) // self.size
        for number, (here, there) in enumerate(
            zip(source_order.split(self.size), target_order.split(self.size), strict=False)
        ):
            if number == steps:
                break
            strength = self.params.reversal_peak * ramp(number / steps, self.params.ramp_speed)
            source = self.extract(_input(self.images[here]))
            target = self.extract(_input(self.target[there]))
            source_domain = self.discriminate(Reversal.apply(source, strength))
            target_domain = self.discriminate(Reversal.apply(target, strength))
            classification = F.cross_entropy(self.classify(source), self.labels[here])
            loss = (
                classification
                + F.binary_cross_entropy_with_logits(source_domain, torch.zeros_like(source_domain))
                + F.binary_cross_entropy_with_logits(target_domain, torch.ones_like(target_domain))
            )
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            losses.append(loss.detach())
        return losses


def _input(images: Tensor) -> Tensor:
    return images.expand(-1, 3, -1, -1).to(torch.float32, memory_format=torch.channels_last).div_(255)
