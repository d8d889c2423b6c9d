"""What each step towards a fast training gained: the project as it is, against itself without that step."""

from collections.abc import Iterator

import torch
from torch import nn

from mnistm_da.adaptation.algorithm import Batch
from mnistm_da.adaptation.algorithms.dann import DANN
from mnistm_da.adaptation.models.inference import predict
from mnistm_da.parameters import TrainingParams

from .data import Raw
from .measure import Result, alternate
from .training import CPU, dann


def run(raw: Raw, rounds: int) -> Iterator[Result]:
    """Take back one step at a time."""
    size, repeats = (16, 1) if raw.is_quick else (128, 30)

    def steps(algorithm: DANN, layout: torch.memory_format, batch_size: int = size) -> None:
        algorithm.networks.to(memory_format=layout).train()
        for _ in range(max(1, repeats * size // batch_size)):
            images = torch.rand(batch_size, 3, 28, 28).to(memory_format=layout)
            algorithm.step(Batch(images, torch.arange(batch_size) % 10, images), 0.5)

    def gained(name: str, without: str, network: DANN, layout: torch.memory_format, batch_size: int = size) -> Result:
        ours = dann(training)
        times = alternate(lambda: steps(ours, torch.channels_last), lambda: steps(network, layout, batch_size), rounds)
        return Result(name, without, [theirs / mine for mine, theirs in times], "×")

    training = TrainingParams(batch_size=size)
    yield gained("channels last in memory", "channels first", dann(training), torch.contiguous_format)
    yield gained(
        "pooling, then batch norm", "batch norm, then pooling", _normalised_first(dann(training)), torch.channels_last
    )
    yield gained("batches of 128", "as many images in batches of 32", dann(training), torch.channels_last, size // 4)
    images, network = raw.splits(512 if raw.is_quick else 10_000).target["images"], dann(training)
    times = alternate(lambda: predict(network, images, CPU), lambda: predict(network, images, CPU, 1000), rounds)
    yield Result("evaluation in batches of 250", "of 1,000", [theirs / mine for mine, theirs in times], "×")


def _normalised_first(algorithm: DANN) -> DANN:
    """Exchange each pooling with the batch norm after it, which then has four times the pixels to normalise."""
    layers = algorithm.feature_extractor
    assert isinstance(layers, nn.Sequential)
    for place, layer in enumerate(list(layers)):
        if isinstance(layer, nn.MaxPool2d):
            layers[place], layers[place + 1] = layers[place + 1], layer
    return algorithm
