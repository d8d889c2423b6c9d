"""The one training loop: device, seed, data order, learning rate, progress. The algorithm decides about a step.

Reads top to bottom: `train` runs the epochs, `Batches` (`batches.py`) gathers images that stay on the device.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from itertools import count
from statistics import fmean
from typing import Protocol

import torch
from torch import Tensor

from mnistm_da.adaptation.algorithm import Algorithm, Arrays, Batch
from mnistm_da.adaptation.models.checkpoints import kept_epochs
from mnistm_da.adaptation.models.inference import accuracy
from mnistm_da.adaptation.models.loading import weights
from mnistm_da.adaptation.optimization.acceleration import compile_networks, in_precision
from mnistm_da.adaptation.optimization.averaging import WeightAverage
from mnistm_da.adaptation.optimization.batches import Batches, TrainingData
from mnistm_da.adaptation.optimization.schedule import share_of_peak
from mnistm_da.adaptation.optimization.state import restore_state, save_state
from mnistm_da.errors import DivergedError
from mnistm_da.parameters import TrainingParams

logger = logging.getLogger(__name__)


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
    stopped: Arrays | None = None,
) -> Iterator[Arrays]:
    """Train an algorithm in place.

    Args:
        algorithm: made by `build`.
        data: the splits.
        params: budget and learning rate.
        seed: of the data order and of dropout; same seed, same result on a CPU.
        device: where to train.
        progress_bar: opens a progress bar over a number of steps.
        checkpoints: of how many epochs, evenly spaced and with the last one, the weights are kept.
        stopped: the state of a training with the same arguments, to go on from; the result is that of one never
            stopped, on a CPU to the last bit.

    Yields:
        After every epoch, the state of the training; see `state.py`. Its history has a row per epoch: ``epoch`` (1, 2,
        …), ``seconds``, ``learning_rate`` (of its last step), ``loss/<term>`` (mean over the steps that have it),
        ``source_validation_accuracy`` (0–1, of the weights' average where one is kept, but before
        `Algorithm.at_checkpoint`, and of one view of an image; not without a source).

    Raises:
        UserError: a split smaller than a batch, or an algorithm that cannot be accelerated as the parameters ask.
        DivergedError: a loss term or a weight became NaN or infinite; names the step, the term and the parameters.
    """
    algorithm.prepare(params)
    for modules in (algorithm.networks, algorithm.memory):
        modules.to(device).to(memory_format=torch.channels_last)
    algorithm.networks.train()
    compile_networks(algorithm, params, device)
    average = WeightAverage(algorithm, params.average)
    _warn_if_too_short(algorithm, params.epochs)
    torch.manual_seed(seed)
    batches = Batches(data, params, algorithm.reads_target, seed, device, algorithm.format.channels)
    algorithm.begin(batches.splits)
    if data.few_labelled is not None:
        algorithm.prepare_few_label_step()
    rows, kept = restore_state(algorithm, batches.orders, stopped) if stopped else ([], {})
    steps = params.epochs * batches.per_epoch
    keep = kept_epochs(params.epochs, checkpoints)
    with progress_bar((params.epochs - len(rows)) * batches.per_epoch) as advance:
        for epoch in range(len(rows), params.epochs):
            started = time.perf_counter()
            losses: dict[str, dict[int, Tensor]] = defaultdict(dict)
            with in_precision(algorithm, params, device):
                algorithm.start_epoch(batches.splits, epoch / params.epochs)
                for number, batch in enumerate(batches):
                    done = (epoch * batches.per_epoch + number) / steps
                    rate = _set_learning_rate(algorithm, params, done)
                    try:
                        for term, loss in _terms(algorithm, batch, done, batches).items():
                            losses[term][number] = loss  # stays on the device: no sync in the step
                    except (RuntimeError, ValueError):  # some operations refuse values that are not finite
                        _check_finite(losses, algorithm, params, epoch, number)
                        raise
                    average.update()
                    advance(f"epoch {epoch + 1}/{params.epochs}")
            row = {"epoch": epoch + 1, "seconds": 0.0, "learning_rate": rate}
            _check_finite(losses, algorithm, params, epoch, number)
            # The mean on the processor: some devices have no float64.
            row |= {f"loss/{term}": fmean(torch.stack(list(of.values())).tolist()) for term, of in losses.items()}
            row["seconds"] = time.perf_counter() - started  # after the sync above
            with average.in_networks():
                if data.source_validation:
                    row["source_validation_accuracy"] = accuracy(algorithm, data.source_validation, device, views="one")
                if epoch + 1 in keep:
                    with algorithm.at_checkpoint(batches.splits):
                        kept |= {f"{epoch + 1}/{name}": array for name, array in weights(algorithm).items()}
            rows.append(row)
            _log(row, params.epochs, batches.per_epoch * params.batch_size)
            yield save_state(algorithm, batches.orders, rows, kept)


def _warn_if_too_short(algorithm: Algorithm, epochs: int) -> None:
    later = algorithm.later_phase()
    if later and (epochs - 1) / epochs < later[1]:
        needed = next(number for number in count(1) if (number - 1) / number >= later[1])
        logger.warning(
            "%s trains for too few epochs (%d): %s never runs. It needs at least %d: raise training.epochs",
            type(algorithm).__name__,
            epochs,
            later[0],
            needed,
        )


def _set_learning_rate(algorithm: Algorithm, params: TrainingParams, done: float) -> float:
    share = share_of_peak(done, params.warmup, params.decay)
    for optimizer in algorithm.optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group.setdefault("initial_lr", group["lr"]) * share
    return params.learning_rate * share


def _terms(algorithm: Algorithm, batch: Batch, done: float, batches: Batches) -> dict[str, Tensor]:
    terms = algorithm.step(batch, done)
    return terms | {"few_labels": algorithm.few_label_step(*batches.few_labelled())} if batches.few else terms


def _check_finite(
    losses: dict[str, dict[int, Tensor]], algorithm: Algorithm, params: TrainingParams, epoch: int, step: int
) -> None:
    """Refuse a loss term (by its name and step) that was not finite in this epoch, or weights that are not by now."""
    bad = {}
    for term, values in losses.items():
        finite = torch.stack(list(values.values())).isfinite().cpu()
        if not finite.all():
            bad[term] = list(values)[int((~finite).nonzero()[0])]
    if bad:
        term = min(bad, key=lambda name: bad[name])
        what = f"in step {bad[term] + 1} of epoch {epoch + 1}: loss term {term} is not finite"
    elif not all(tensor.isfinite().all() for tensor in algorithm.networks.state_dict().values()):
        what = f"by step {step + 1} of epoch {epoch + 1}: there are weights that are not finite"
    else:
        return
    kept = f" The training up to epoch {epoch} is kept as its training_state" if epoch else ""
    raise DivergedError(
        f"training diverged {what}, with {type(algorithm).__name__}'s parameters ({algorithm.params}) and a learning "
        f"rate of up to {params.learning_rate:.2g}. Lower training.learning_rate, or the weight of that term, and "
        f"train it anew.{kept}"
    )


def _log(row: dict[str, float], epochs: int, images: int) -> None:
    losses = " · ".join(f"{k.removeprefix('loss/')} {v:.3f}" for k, v in row.items() if k.startswith("loss/"))
    left = (epochs - row["epoch"]) * row["seconds"]
    known = row.get("source_validation_accuracy")
    validation = "" if known is None else f" · validation {100 * known:.1f} %"
    speed = f" · {images / row['seconds']:,.0f} images/s per domain" if row["epoch"] == 1 else ""
    logger.info(
        "epoch %d/%d · %s%s%s · %d:%02d left",
        row["epoch"],
        epochs,
        losses,
        validation,
        speed,
        *divmod(round(left), 60),
    )
