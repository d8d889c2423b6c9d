"""Score every checkpoint without target labels, and pick one."""

import numpy as np

from mnistm_da.parameters import SelectionParams, TitleParams
from mnistm_da.pipelines.hints import DataFrame

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
        A row per checkpoint: ``epoch`` and a column per validator, higher is better.
    """
    import pandas as pd
    import torch

    from mnistm_da.adaptation.device import use_device
    from mnistm_da.adaptation.inference import predict
    from mnistm_da.adaptation.models import checkpoint_epochs, load, pick
    from mnistm_da.adaptation.selection import Outputs
    from mnistm_da.adaptation.selection import validate as score

    labels = torch.from_numpy(source_validation["labels"][: selection.samples])
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
    from mnistm_da.adaptation.models import pick
    from mnistm_da.adaptation.selection import choose

    return pick(checkpoints, choose(validation, selection.by), selected_by=selection.by, titles=titles)
