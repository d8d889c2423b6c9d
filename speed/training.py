"""DANN's training: its time against pytorch-adapt's documented way and a step by hand, and its arithmetic.

Times are the processor's, those of the loader's workers among them.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from mnistm_da.adaptation.algorithm import Batch
from mnistm_da.adaptation.algorithms.dann import DANN
from mnistm_da.adaptation.models.loading import build
from mnistm_da.adaptation.optimization import loop
from mnistm_da.adaptation.optimization.acceleration import has_bfloat16, in_precision
from mnistm_da.adaptation.optimization.batches import TrainingData
from mnistm_da.domains.format import DIGITS
from mnistm_da.parameters import NetworkParams, TrainingParams

from .data import Raw
from .measure import Result, alternate, processor_seconds
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
    yield against_by_hand(data, training.model_copy(update={"precision": "float32"}), rounds)
    yield against_documented(data, training, rounds)
    for precision in ("float32", "bfloat16") if has_bfloat16(CPU) else ("float32",):
        yield from arithmetic(training.batch_size, precision, rounds, repeats=2 if raw.is_quick else 30)


def against_by_hand(data: TrainingData, training: TrainingParams, rounds: int) -> Result:
    """Compare with a step written by hand, in the precision that it has."""
    by_hand = HandWritten(
        dann(training),
        (torch.from_numpy(data.source["images"]), torch.from_numpy(data.source["labels"])),
        torch.from_numpy(data.target["images"]),
        training.batch_size,
    )
    by_hand.extract.to(memory_format=torch.channels_last)
    times = alternate(
        lambda: epoch(data, training), lambda: [float(loss) for loss in by_hand.epoch()], rounds, processor_seconds
    )
    return Result(
        "DANN in float32, pairs per processor second",
        "the same step written by hand in plain PyTorch",
        [theirs / mine for mine, theirs in times],
        "×",
        1.0,
        facts=_facts(data, training, times),
    )


def against_documented(data: TrainingData, training: TrainingParams, rounds: int) -> Result:
    """Compare with pytorch-adapt's documented way; an epoch of it starts its workers and ends them."""
    with tempfile.TemporaryDirectory() as folder:
        both = files(Path(folder), data)
        network = dann(training)
        models = {"G": network.feature_extractor, "C": network.classifier, "D": network.discriminator}
        step = documented_step(models, training.learning_rate)

        def documented() -> None:
            batches = documented_loader(*both, training.batch_size)
            for _ in range(len(data.source["images"]) // training.batch_size):
                step(next(batches))
            batches.close()

        times = alternate(lambda: epoch(data, training), documented, rounds, processor_seconds)
    return Result(
        "DANN, pairs per processor second",
        "pytorch-adapt's DataloaderCreator (2 workers, image files) and DANNHook",
        [theirs / mine for mine, theirs in times],
        "×",
        3.0,
        facts=_facts(data, training, times),
    )


def _facts(data: TrainingData, training: TrainingParams, times: list[tuple[float, float]]) -> dict[str, Any]:
    pairs = len(data.source["images"])
    rate = pairs / min(mine for mine, _ in times)
    return {"pairs": pairs, "batch size": training.batch_size, "pairs per processor second": rate}


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
