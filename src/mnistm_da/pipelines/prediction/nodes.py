"""Classify a user's pictures."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from mnistm_da.domains.format import DIGITS, Format
from mnistm_da.errors import UserError
from mnistm_da.parameters import PicturesParams, PredictParams
from mnistm_da.pipelines.lazy_types import DataFrame, Figure

Arrays = dict[str, np.ndarray]


def read_images(user_pictures: Path, predict: PredictParams, pictures: PicturesParams) -> Arrays:
    """Read a picture, or those of a folder; see `read_pictures`.

    Args:
        user_pictures: where they are.
        predict: how each is looked at.
        pictures: side and fit of the training, where it was on a user's own pictures.

    Returns:
        ``images`` (N, 3, S, S) uint8, and ``names`` (N, L) uint8: the files' names in UTF-8, filled up with zeros.
        Also ``originals``, ``boxes`` and ``found`` of `Pictures`; ``left_out``, its lines as JSON in UTF-8.
    """
    from mnistm_da.domains.pictures import read_pictures

    crop: Literal["digit", "none"] = "digit" if predict.crop == "digit" else "none"
    read = read_pictures(user_pictures, crop, (pictures.side, pictures.fit) if predict.crop == "own" else None)
    encoded = np.array([name.encode() for name in read.names])
    return {
        "images": read.images,
        "names": encoded.view(np.uint8).reshape(len(encoded), -1),
        "originals": read.originals,
        "boxes": read.boxes,
        "found": read.found,
        "left_out": np.frombuffer(json.dumps(read.left_out).encode(), dtype=np.uint8),
    }


def classify(
    chosen_model: Arrays,
    user_images: Arrays,
    model: str,
    predict: PredictParams,
    pictures: PicturesParams,
    device: str,
) -> DataFrame:
    """Classify pictures with a trained model.

    Args:
        chosen_model: weights by name, and what they were made with.
        user_images: of `read_images`.
        model: the algorithm that the model must be of.
        predict: the confidence below which an answer is "unsure".
        pictures: how they were brought into a square, where the model is of a user's own pictures.
        device: see `use_device`.

    Returns:
        A row per file: ``file``, ``digit`` (or ``class``, if the classes are others), ``confidence`` (0–1), ``second``,
        ``second_confidence``, ``third``, ``third_confidence`` (both empty where there are two classes), and ``remark``:
        ``unsure``, ``no digit found`` (then all others are empty), or nothing.

    Raises:
        UserError: the pictures are not in the form that the model was trained on.
    """
    from scipy.special import softmax

    from mnistm_da.adaptation.models import inference
    from mnistm_da.adaptation.models.description import description
    from mnistm_da.adaptation.models.loading import load
    from mnistm_da.adaptation.optimization.device import use_device

    _check_fit(description(chosen_model).format, predict, pictures)
    logits, _ = inference.predict(load(chosen_model, model), user_images["images"], use_device(device))
    classes = description(chosen_model).format.classes
    return _table(user_images, softmax(logits, axis=1), classes, predict.unsure_below)


def _check_fit(images: Format, predict: PredictParams, pictures: PicturesParams) -> None:
    if images.fit is None:
        return
    if (predict.crop, pictures.fit, pictures.side) != ("own", images.fit, images.side):
        raise UserError(
            f"this model was trained on your own pictures, with pictures.side={images.side} and "
            f"pictures.fit={images.fit}: look at these alike, with --env=pictures "
            f"--params=images=…,pictures.side={images.side},pictures.fit={images.fit}"
        )


def _table(user_images: Arrays, probabilities: np.ndarray, classes: Sequence[str], unsure_below: float) -> DataFrame:
    import pandas as pd

    found = user_images["found"]
    order = np.argsort(-probabilities, axis=1, kind="stable")
    noun = "digit" if tuple(classes) == DIGITS.classes else "class"
    table: dict[str, Any] = {"file": [bytes(name).rstrip(b"\0").decode() for name in user_images["names"]]}
    for place, (answer, confidence) in enumerate(
        ((noun, "confidence"), ("second", "second_confidence"), ("third", "third_confidence"))
    ):
        if place >= len(classes):
            table |= {answer: None, confidence: np.nan}
            continue
        named = np.array(classes, dtype=object)[order[:, place]]
        named[~found] = None
        table[answer] = named
        table[confidence] = np.where(found, np.take_along_axis(probabilities, order[:, [place]], axis=1)[:, 0], np.nan)
    is_unsure = probabilities.max(axis=1) < unsure_below
    table["remark"] = np.where(~found, "no digit found", np.where(is_unsure, "unsure", ""))
    return pd.DataFrame(table)


def plot_contact_sheet(user_images: Arrays, user_predictions: DataFrame) -> Figure:
    """Draw each picture, and beside it what the model sees of it, under its digit and confidence."""
    from mnistm_da.adaptation.figures.contact_sheet import contact_sheet

    answers = user_predictions.rename(columns={"class": "digit"})
    return contact_sheet(user_images["originals"], user_images["boxes"], user_images["images"], answers)
