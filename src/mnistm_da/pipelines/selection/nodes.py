"""Score every checkpoint without target labels, and pick one."""

import logging
from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from mnistm_da.parameters import SelectionParams, TitleParams
from mnistm_da.pipelines.lazy_types import DataFrame

if TYPE_CHECKING:
    from mnistm_da.adaptation.algorithm import Algorithm

logger = logging.getLogger(__name__)

Arrays = dict[str, np.ndarray]


def validate(
    checkpoints: Arrays,
    target_validation: Arrays,
    selection: SelectionParams,
    device: str,
    source_validation: Arrays | None = None,
    only: Collection[str] | None = None,
) -> DataFrame:
    """Give every checkpoint the score of every label-free validator.

    Args:
        checkpoints: weights by ``<epoch>/<name>``, and what they were made with.
        target_validation: ``images`` without labels.
        selection: how many images the validators look at.
        device: see `use_device`.
        source_validation: ``images`` and ``labels``; not connected for source-free algorithms.
        only: validators, where not all are wanted; the pipelines want all.

    Returns:
        A row per checkpoint: ``epoch`` and a column per validator, higher is better; NaN where one is not available.
    """
    import pandas as pd
    import torch

    from mnistm_da.adaptation.measures.validators import READ_SOURCE, Outputs, unavailable
    from mnistm_da.adaptation.measures.validators import validate as score
    from mnistm_da.adaptation.models.checkpoints import checkpoint_epochs, pick
    from mnistm_da.adaptation.models.description import description
    from mnistm_da.adaptation.models.inference import predict
    from mnistm_da.adaptation.models.loading import load
    from mnistm_da.adaptation.optimization.device import use_device

    made_with, where = description(checkpoints), use_device(device)
    source, target = (
        min(selection.samples, len(of["images"])) if of else 0 for of in (source_validation, target_validation)
    )
    for name, reason in unavailable(source, target, len(made_with.format.classes)).items():
        if (source_validation or name not in READ_SOURCE) and (only is None or name in only):
            logger.warning("validator '%s' is not available for %s: %s", name, made_with.algorithm, reason)

    def outputs(model: "Algorithm", split: Arrays) -> Outputs:
        chosen = spread(len(split["images"]), selection.samples)
        logits, features = predict(model, split["images"][chosen], where)
        labels = torch.from_numpy(split["labels"][chosen]) if "labels" in split else None
        return Outputs(torch.from_numpy(features), torch.from_numpy(logits), labels)

    rows = []
    for epoch in checkpoint_epochs(checkpoints):
        model = load(pick(checkpoints, epoch))
        of_target = outputs(model, target_validation)
        of_source = outputs(model, source_validation) if source_validation else of_target.none()
        rows.append({"epoch": epoch} | score(of_source, of_target, only))
    return pd.DataFrame(rows)


def spread(count: int, wanted: int) -> np.ndarray:
    """Give the places of ``wanted`` of ``count`` images, at equal distances; of all, if there are fewer.

    The first ones would be of one source, or of a few classes: several sources lie one behind the other, and pictures
    lie as in their folders.
    """
    return np.linspace(0, count - 1, min(count, wanted)).round().astype(np.int64)


def select(checkpoints: Arrays, validation: DataFrame, selection: SelectionParams, titles: TitleParams) -> Arrays:
    """Give the model of the epoch that ``selection.by`` picks; it says so, and what the domains are called."""
    from mnistm_da.adaptation.measures.validators import choose
    from mnistm_da.adaptation.models.checkpoints import pick

    return pick(checkpoints, choose(validation, selection.by), selected_by=selection.by, titles=titles)
