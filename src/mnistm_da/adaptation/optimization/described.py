"""Train by a description: the one call behind the pipelines and behind the use from Python."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import numpy as np
import torch

from mnistm_da.adaptation.algorithm import Arrays
from mnistm_da.adaptation.models.description import NAME, Description
from mnistm_da.adaptation.models.loading import build, load
from mnistm_da.adaptation.optimization.batches import TrainingData
from mnistm_da.adaptation.optimization.device import describe
from mnistm_da.adaptation.optimization.loop import Bar, train
from mnistm_da.adaptation.optimization.state import finished, history
from mnistm_da.adaptation.registry import algorithm_class
from mnistm_da.hashes import checksum

logger = logging.getLogger(__name__)


def train_described(
    made_with: Description,
    data: TrainingData,
    *,
    device: torch.device,
    progress_bar: Callable[[int], AbstractContextManager[Bar]],
    stopped: Arrays | None = None,
    start: Arrays | None = None,
) -> Iterator[Arrays]:
    """Build an algorithm and train it.

    Args:
        made_with: which algorithm, with which parameters, networks, budget and seed; its precision is not ``auto``.
        data: the splits.
        device: where to train.
        progress_bar: opens a progress bar over a number of steps.
        stopped: the state of the same training, to go on from.
        start: the trained model that the algorithm starts from, if it does.

    Yields:
        After every epoch, the state of the training with the description and the ``device``; each replaces the one
        before. The last one says that it is ``finished``, and is without what only a further epoch would need.

    Raises:
        UserError: a split smaller than a batch, or parameters that the algorithm cannot be trained with.
        DivergedError: a loss or a weight became infinite; the state of the last good epoch has been given already.
    """
    training, where = made_with.training, describe(device)
    logger.info(
        "training %s for %d epochs on %s in %s", made_with.algorithm, training.epochs, where, training.precision
    )
    more = made_with.as_arrays() | {"device": np.frombuffer(where.encode(), dtype=np.uint8)}
    algorithm = build(
        algorithm_class(made_with.algorithm), made_with.params, made_with.network, made_with.format, made_with.seed
    )
    if start:
        algorithm.take_up(load(start))
    for state in train(
        algorithm,
        data,
        training,
        seed=made_with.seed,
        device=device,
        progress_bar=progress_bar,
        checkpoints=made_with.checkpoints,
        stopped=stopped,
    ):
        is_last = len(history(state)) == training.epochs
        yield (finished(state) | {"finished": np.array(True)} if is_last else state) | more


def weights_checksum(model: Arrays) -> int:
    """Give a checksum (CRC-32) of a model without its description, which other titles or a later version change."""
    return checksum({name: array for name, array in model.items() if name != NAME})
