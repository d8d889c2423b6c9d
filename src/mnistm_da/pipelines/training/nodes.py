"""Train one algorithm."""

import logging
from typing import Any

import numpy as np
import pandas as pd

from mnistm_da.parameters import FewLabelsParams, NetworkParams, SelectionParams, TrainingParams

logger = logging.getLogger(__name__)

Arrays = dict[str, np.ndarray]


def train(
    source_train: Arrays,
    source_validation: Arrays,
    target_train: Arrays,
    params: dict[str, Any],
    network: NetworkParams,
    training: TrainingParams,
    selection: SelectionParams,
    seed: int,
    device: str,
    target_train_labels: Arrays | None = None,
    target_few_labelled: Arrays | None = None,
    few_labels: FewLabelsParams | None = None,
    *,
    algorithm: str,
) -> tuple[Arrays, pd.DataFrame]:
    """Train an algorithm on the splits.

    Args:
        source_train: ``images`` and ``labels``.
        source_validation: ``images`` and ``labels``, for the accuracy shown per epoch.
        target_train: ``images`` without labels.
        params: the algorithm's own parameters.
        network: what the networks look like.
        training: budget and learning rate.
        selection: of how many epochs the weights are kept.
        seed: of initial weights, data order and dropout.
        device: see `resolve_device`.
        target_train_labels: ``labels``; connected only for the bound that is trained on them all.
        target_few_labelled: ``images`` and ``labels``; connected only for algorithms of few labels.
        few_labels: their setting; in the supervised one there are no other target images.
        algorithm: its name in the registry.

    Returns:
        The weights of the kept epochs by ``<epoch>/<name>``, and the history, a row per epoch.
    """
    from mnistm_da.adaptation import training as loop
    from mnistm_da.adaptation.device import describe, progress_bar, resolve_device
    from mnistm_da.adaptation.models import build
    from mnistm_da.adaptation.registry import algorithm_class

    where = resolve_device(device)
    logger.info("training %s for %d epochs on %s", algorithm, training.epochs, describe(where))
    model = build(algorithm_class(algorithm), params, network, training, seed)
    target = target_train | (target_train_labels or {})
    if few_labels and target_few_labelled and few_labels.setting == "supervised":
        target = {"images": target_few_labelled["images"]}
    data = loop.TrainingData(source_train, source_validation, target, target_few_labelled)
    history, checkpoints = loop.train(
        model,
        data,
        training,
        seed=seed,
        device=where,
        progress_bar=progress_bar,
        checkpoints=selection.checkpoints,
    )
    return checkpoints, pd.DataFrame(history)
