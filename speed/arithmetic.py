"""The arithmetic of a DANN step: beside that of its layers alone, and beside a matrix product's rate."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from mnistm_da.adaptation.algorithm import Batch
from mnistm_da.adaptation.algorithms.dann import DANN
from mnistm_da.adaptation.optimization.acceleration import has_bfloat16, in_precision
from mnistm_da.parameters import TrainingParams

from .data import Raw
from .measure import Result, processor_seconds
from .training import CPU, dann


def run(raw: Raw, rounds: int) -> Iterator[Result]:
    """Measure it in both precisions, or in float32 alone where bfloat16 is not in the processor."""
    size, repeats = (64, 2) if raw.is_quick else (128, 10)
    for precision in ("bfloat16", "float32") if has_bfloat16(CPU) else ("float32",):
        yield from arithmetic(size, precision, rounds, repeats)


def arithmetic(size: int, precision: str, rounds: int, repeats: int) -> Iterator[Result]:
    """Compare the step with its layers alone, in a bare loop, and its rate of operations with a matrix product's."""
    training = TrainingParams.model_validate({"batch_size": size, "precision": precision})
    algorithm = dann(training)
    algorithm.networks.to(memory_format=torch.channels_last).train()
    images = torch.rand(size, 3, 28, 28).to(memory_format=torch.channels_last)
    batch = Batch(images, torch.arange(size) % 10, images)
    with FlopCounterMode(display=False) as counter:
        algorithm.step(batch, 0.5)
    operations = counter.get_total_flops() / 1e9

    def timed(work: Callable[[], Any], times: int = repeats) -> float:
        return processor_seconds(lambda: [work() for _ in range(times)]) / times

    square = torch.rand(1024, 1024, dtype=getattr(torch, precision))
    shares, rates, peaks = [], [], []
    layers = list(layers_alone(algorithm, images, precision))
    for _ in range(rounds):
        with in_precision(algorithm, training, CPU):
            step = timed(lambda: algorithm.step(batch, 0.5))
        shares.append(100 * sum(times * timed(layer) for layer, times in layers) / step)
        rates.append(operations / step)
        peaks.append(2 * 1024**3 / 1e9 / min(timed(lambda: square @ square, 5) for _ in range(5)))
    facts = {"GFLOP a step": operations, "GFLOP per processor second": rates, "of the product": peaks}
    against = "its convolutions and matrix products alone, at the same shapes"
    aim = 60 if precision == "float32" else None
    yield Result(f"arithmetic of a DANN step, {precision}", against, shares, "%", aim, facts=facts)
    yield Result(
        f"rate of a DANN step, {precision}",
        "that of a product of two matrices of 1,024 × 1,024",
        [100 * rate / peak for rate, peak in zip(rates, peaks, strict=True)],
        "%",
        facts=facts,
    )


def layers_alone(algorithm: DANN, images: Tensor, precision: str) -> Iterator[tuple[Callable[[], None], int]]:
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
        held = (
            inputs.clone().to(getattr(torch, precision)).requires_grad_(not is_first)
        )  # nobody asks for that of the images
        with _lowered(precision):
            gradient = torch.rand_like(module(held))  # in the layout of the output

        def both_ways(module: nn.Module = module, held: Tensor = held, gradient: Tensor = gradient) -> None:
            module.zero_grad()
            held.grad = None
            with _lowered(precision):
                output = module(held)
            output.backward(gradient)

        yield both_ways, 1 if module in of_source_only else 2


def _lowered(precision: str) -> AbstractContextManager[Any]:
    return torch.autocast("cpu", torch.bfloat16) if precision == "bfloat16" else nullcontext()
