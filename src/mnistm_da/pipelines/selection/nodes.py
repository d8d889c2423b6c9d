"""Score every checkpoint without target labels, and pick one."""

import logging

import numpy as np

from mnistm_da.parameters import SelectionParams, TitleParams
from mnistm_da.pipelines.lazy_types import DataFrame

logger = logging.getLogger(__name__)

Arrays = dict[str, np.ndarray]


def validate(
    checkpoints: Arrays,
    source_validation: Arrays,
    target_validation: Arrays,
    selection: SelectionParams,
    device: str,
) -> DataFrame:
    """Give every checkpoint the score of every label-free validator.

    Args:
        checkpoints: weights by ``<epoch>/<name>``, and what they were made with.
        source_validation: ``images`` and ``labels``.
        target_validation: ``images`` without labels.
        selection: how many images the validators look at.
        device: see `use_device`.

    Returns:
        A row per checkpoint: ``epoch`` and a column per validator, higher is better; NaN where one is not available.
    """
    import pandas as pd
    import torch

    from mnistm_da.adaptation.measures.validators import Outputs, unavailable
    from mnistm_da.adaptation.measures.validators import validate as score
    from mnistm_da.adaptation.models.checkpoints import checkpoint_epochs, pick
    from mnistm_da.adaptation.models.description import description
    from mnistm_da.adaptation.models.inference import predict
    from mnistm_da.adaptation.models.loading import load
    from mnistm_da.adaptation.optimization.device import use_device

    labels = torch.from_numpy(source_validation["labels"][: selection.samples])
    source, target = (min(selection.samples, len(of["images"])) for of in (source_validation, target_validation))
    made_with = description(checkpoints)
    for name, reason in unavailable(source, target, len(made_with.format.classes)).items():
        logger.warning("validator '%s' is not available for %s: %s", name, made_with.algorithm, reason)
    rows = []
    for epoch in checkpoint_epochs(checkpoints):
        model = load(pick(checkpoints, epoch))
        outputs = []
        for split, known in ((source_validation, labels), (target_validation, None)):
            logits, features = predict(model, split["images"][: selection.samples], use_device(device))
            outputs.append(Outputs(torch.from_numpy(features), torch.from_numpy(logits), known))
        rows.append({"epoch": epoch} | score(*outputs))
    return pd.DataFrame(rows)


def select(checkpoints: Arrays, validation: DataFrame, selection: SelectionParams, titles: TitleParams) -> Arrays:
    """Give the model of the epoch that ``selection.by`` picks; it says so, and what the domains are called."""
    from mnistm_da.adaptation.measures.validators import choose
    from mnistm_da.adaptation.models.checkpoints import pick

    return pick(checkpoints, choose(validation, selection.by), selected_by=selection.by, titles=titles)
