"""Classify a folder of pictures."""

from pathlib import Path
from typing import Any

import numpy as np

from mnistm_da.domains.user_images import load_user_images
from mnistm_da.pipelines.hints import DataFrame, Figure

Arrays = dict[str, np.ndarray]


def read_images(user_pictures: Path) -> Arrays:
    """Read the pictures of a folder; see `load_user_images`.

    Returns:
        ``images`` (N, 3, 28, 28) uint8, and ``names`` (N, L) uint8: the files' names in UTF-8, filled up with zeros.
    """
    names, pictures = load_user_images(user_pictures)
    encoded = np.array([name.encode() for name in names])
    return {"images": pictures, "names": encoded.view(np.uint8).reshape(len(names), -1)}


def classify(chosen_model: Arrays, user_images: Arrays, model: str, device: str) -> DataFrame:
    """Classify pictures with a trained model.

    Args:
        chosen_model: weights by name, and what they were made with.
        user_images: of `read_images`.
        model: the algorithm that it is to be of.
        device: see `use_device`.

    Returns:
        A row per file: ``file``, ``digit``, ``confidence`` (0–1), ``second``, ``second_confidence``, ``third``,
        ``third_confidence``.
    """
    import pandas as pd
    from scipy.special import softmax

    from mnistm_da.adaptation.description import description
    from mnistm_da.adaptation.device import use_device
    from mnistm_da.adaptation.inference import predict
    from mnistm_da.adaptation.models import load

    classes = np.array(description(chosen_model).format.classes)
    logits, _ = predict(load(chosen_model, model), user_images["images"], use_device(device))
    probabilities = softmax(logits, axis=1)
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :3]
    table: dict[str, Any] = {"file": [bytes(name).rstrip(b"\0").decode() for name in user_images["names"]]}
    for place, (digit, confidence) in enumerate(
        (("digit", "confidence"), ("second", "second_confidence"), ("third", "third_confidence"))
    ):
        table[digit] = classes[best[:, place]]
        table[confidence] = np.take_along_axis(probabilities, best[:, [place]], axis=1)[:, 0]
    return pd.DataFrame(table)


def plot_contact_sheet(user_images: Arrays, user_predictions: DataFrame) -> Figure:
    """Draw the pictures as the model sees them, each with its digit and confidence."""
    from mnistm_da.adaptation import figures

    return figures.contact_sheet(user_images["images"], user_predictions)
