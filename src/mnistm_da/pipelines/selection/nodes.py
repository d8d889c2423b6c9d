"""Score every checkpoint without target labels, and pick one."""

import logging
from typing import Any

import numpy as np

from mnistm_da.parameters import NetworkParams, SelectionParams, TrainingParams
from mnistm_da.pipelines.hints import DataFrame

logger = logging.getLogger(__name__)

Arrays = dict[str, np.ndarray]


def validate(
    checkpoints: Arrays,
    source_validation: Arrays,
    target_validation: Arrays,
    params: dict[str, Any],
    network: NetworkParams,
    training: TrainingParams,
    selection: SelectionParams,
    device: str,
    *,
    algorithm: str,
) -> DataFrame:
    """Give every checkpoint the score of every label-free validator.

    Args:
        checkpoints: weights by ``<epoch>/<name>``.
        source_validation: ``images`` and ``labels``.
        target_validation: ``images`` without labels.
        params: the algorithm's own parameters.
        network: what the networks look like.
        training: needed to build the algorithm.
        selection: how many images the validators look at.
        device: see `use_device`.
        algorithm: its name in the registry.

    Returns:
        A row per checkpoint: ``epoch`` and a column per validator, higher is better; NaN where one is not available.
    """
    import pandas as pd
    import torch

    from mnistm_da.adaptation.device import use_device
    from mnistm_da.adaptation.inference import predict
    from mnistm_da.adaptation.models import checkpoint, checkpoint_epochs, trained
    from mnistm_da.adaptation.selection import Outputs, unavailable
    from mnistm_da.adaptation.selection import validate as score

    labels = torch.from_numpy(source_validation["labels"][: selection.samples])
    counts = [min(selection.samples, len(split["images"])) for split in (source_validation, target_validation)]
    for name, reason in unavailable(*counts).items():
        logger.warning("validator '%s' is not available for %s: %s", name, algorithm, reason)
    rows = []
    for epoch in checkpoint_epochs(checkpoints):
        model = trained(algorithm, params, network, training, checkpoint(checkpoints, epoch))
        outputs = []
        for split, known in ((source_validation, labels), (target_validation, None)):
            logits, features = predict(model, split["images"][: selection.samples], use_device(device))
            outputs.append(Outputs(torch.from_numpy(features), torch.from_numpy(logits), known))
        rows.append({"epoch": epoch} | score(*outputs))
    return pd.DataFrame(rows)


def select(checkpoints: Arrays, validation: DataFrame, selection: SelectionParams) -> Arrays:
    """Give the weights of the epoch that ``selection.by`` picks."""
    from mnistm_da.adaptation.models import checkpoint
    from mnistm_da.adaptation.selection import choose

    return checkpoint(checkpoints, choose(validation, selection.by))
