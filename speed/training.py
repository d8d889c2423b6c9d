"""DANN's training: pairs a second against pytorch-adapt's documented way and a step by hand, and the arithmetic."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from mnistm_da.adaptation.algorithm import Batch
from mnistm_da.adaptation.algorithms.dann import DANN
from mnistm_da.adaptation.models.loading import build
from mnistm_da.adaptation.optimization import loop
from mnistm_da.adaptation.optimization.batches import TrainingData
from mnistm_da.domains.format import DIGITS
from mnistm_da.parameters import NetworkParams, TrainingParams

from .data import Raw
from .measure import Result, alternate, seconds
from .peers import HandWritten, documented_loader, documented_step, files

CPU = torch.device("cpu")


@contextmanager
def no_bar(steps: int) -> Iterator[loop.Bar]:
    """Show nothing."""
    yield lambda description: None


def dann(training: TrainingParams, seed: int = 0) -> DANN:
    """Make DANN as the pipeline makes it."""
    made = build(DANN, {}, NetworkParams(), DIGITS, seed)
    made.prepare(training)
    assert isinstance(made, DANN)
    return made


def epoch(data: TrainingData, training: TrainingParams, seed: int = 0) -> DANN:
    """Train DANN for the epochs of ``training`` with the project's own loop."""
    algorithm = dann(training, seed)
    for _ in loop.train(algorithm, data, training, seed=seed, device=CPU, progress_bar=no_bar):
        pass
    return algorithm


def run(raw: Raw, rounds: int) -> Iterator[Result]:
    """Compare training of the same network on the same images in the same batches."""
    training = TrainingParams(epochs=1, batch_size=64 if raw.is_quick else 128)
    data = raw.splits(256 if raw.is_quick else 128 * 150)
    pairs = len(data.source["images"])

    def ours() -> None:
        epoch(data, training)

    by_hand = HandWritten(
        dann(training),
        (torch.from_numpy(data.source["images"]), torch.from_numpy(data.source["labels"])),
        torch.from_numpy(data.target["images"]),
        training.batch_size,
    )
    by_hand.extract.to(memory_format=torch.channels_last)
    times = alternate(ours, lambda: [float(loss) for loss in by_hand.epoch()], rounds)
    facts = {"pairs": pairs, "batch size": training.batch_size}
    yield Result(
        "DANN, pairs/s",
        "the same step written by hand in plain PyTorch",
        [theirs / mine for mine, theirs in times],
        "×",
        1.0,
        facts=facts | {"pairs/s": pairs / min(mine for mine, _ in times)},
    )
    with tempfile.TemporaryDirectory() as folder:
        batches = documented_loader(*files(Path(folder), data), training.batch_size)
        network = dann(training)
        models = {"G": network.feature_extractor, "C": network.classifier, "D": network.discriminator}
        step = documented_step(models, training.learning_rate)

        def documented() -> None:
            for _ in range(pairs // training.batch_size):
                step(next(batches))

        times = alternate(ours, documented, rounds)
        batches.close()
    yield Result(
        "DANN, pairs/s",
        "pytorch-adapt's DataloaderCreator (2 workers, image files) and DANNHook",
        [theirs / mine for mine, theirs in times],
        "×",
        3.0,
        facts=facts,
    )
    yield arithmetic(training.batch_size, rounds, repeats=2 if raw.is_quick else 30)


def arithmetic(size: int, rounds: int, repeats: int) -> Result:
    """Compare the step's rate of floating-point operations with that of its layers alone, in a bare loop."""
    algorithm = dann(TrainingParams(batch_size=size))
    algorithm.networks.to(memory_format=torch.channels_last).train()
    images = torch.rand(size, 3, 28, 28).to(memory_format=torch.channels_last)
    batch = Batch(images, torch.arange(size) % 10, images)
    with FlopCounterMode(display=False) as counter:
        algorithm.step(batch, 0.5)

    def timed(work: Callable[[], Any]) -> float:
        return seconds(lambda: [work() for _ in range(repeats)]) / repeats

    shares, rates = [], []
    layers = list(layers_alone(algorithm, images))
    for _ in range(rounds):
        step = timed(lambda: algorithm.step(batch, 0.5))
        bare = sum(times * timed(layer) for layer, times in layers)
        shares.append(100 * bare / step)
        rates.append(counter.get_total_flops() / step / 1e9)
    square = torch.rand(1024, 1024)
    square @ square
    matmul = 2 * 1024**3 / min(seconds(lambda: square @ square) for _ in range(10)) / 1e9
    return Result(
        "arithmetic of a DANN step",
        "its convolutions and matrix products alone, at the same shapes",
        shares,
        "%",
        60,
        facts={"GFLOP a step": counter.get_total_flops() / 1e9, "GFLOP/s": max(rates), "GFLOP/s of a matmul": matmul},
    )


def layers_alone(algorithm: DANN, images: Tensor) -> Iterator[tuple[Callable[[], None], int]]:
    """Give every convolution and linear layer forward and backward at its shape, and how often a step does it."""
    found: list[tuple[nn.Module, Tensor]] = []
    hooks = [
        module.register_forward_hook(lambda module, inputs, output: found.append((module, inputs[0].detach())))
        for module in algorithm.networks.modules()
        if isinstance(module, nn.Conv2d | nn.Linear)
    ]
    features = algorithm.features(images)
    algorithm.classify(features), algorithm.discriminator(features)
    for hook in hooks:
        hook.remove()
    of_source_only = set(algorithm.classifier.modules())
    for module, inputs in found:
        is_first = inputs.shape[1] == 3
        held = inputs.clone().requires_grad_(not is_first)  # nobody asks for the gradient of the images

        gradient = torch.rand_like(module(held))  # in the layout of the output

        def both_ways(module: nn.Module = module, held: Tensor = held, gradient: Tensor = gradient) -> None:
            module.zero_grad()
            held.grad = None
            module(held).backward(gradient)

        yield both_ways, 1 if module in of_source_only else 2
