"""DANN's training: its time against pytorch-adapt's documented way and a step written by hand.

Times are the processor's, those of the loader's workers among them.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from mnistm_da.adaptation.algorithms.dann import DANN
from mnistm_da.adaptation.models.loading import build
from mnistm_da.adaptation.optimization import loop
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
    data = raw.splits(256 if raw.is_quick else 128 * 30)
    yield against_documented(data, training, rounds)
    yield against_by_hand(data, training.model_copy(update={"precision": "float32"}), rounds)


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
