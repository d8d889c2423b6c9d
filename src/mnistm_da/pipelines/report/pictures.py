"""The images of a report, as data in the page itself."""

import base64
import io
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from mnistm_da.adaptation.figures.sample_grid import mosaic
from mnistm_da.domains.several import taking_turns

from .runs import Run, SavedParts, is_of

SHEET_COLUMNS = 40
MISTAKES = 12
"""Shown for each run."""

Format = Literal["PNG", "WEBP"]


class Picture(NamedTuple):
    """An image for a page.

    Attributes:
        src: its data.
        width: in pixels.
        height: in pixels.
    """

    src: str
    width: int
    height: int


def picture(pixels: np.ndarray) -> Picture:
    """Encode an image ``(H, W, 3)`` uint8 0–255, each pixel of it."""
    return Picture(data_uri(pixels), pixels.shape[1], pixels.shape[0])


def data_uri(pixels: np.ndarray, kind: Format = "PNG") -> str:
    """Encode an image for the ``src`` of a page.

    Args:
        pixels: ``(H, W, 3)`` uint8 0–255.
        kind: PNG keeps every pixel; WEBP is a quarter of its size on photos, and does not.
    """
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **({"optimize": True} if kind == "PNG" else {"quality": 90}))
    return f"data:image/{kind.lower()};base64,{base64.b64encode(file.getvalue()).decode()}"


def sheet(images: np.ndarray) -> str:
    """Encode many small images as one, `SHEET_COLUMNS` in a row.

    Args:
        images: ``(N, 3, S, S)`` uint8 0–255.
    """
    rows, side = -(-len(images) // SHEET_COLUMNS), images.shape[-1]
    places = np.zeros((rows * SHEET_COLUMNS, side, side, 3), dtype=np.uint8)
    places[: len(images)] = images.transpose(0, 2, 3, 1)
    grid = places.reshape(rows, SHEET_COLUMNS, side, side, 3).transpose(0, 2, 1, 3, 4)
    return data_uri(grid.reshape(rows * side, SHEET_COLUMNS * side, 3), "WEBP")


def samples(data: SavedParts, classes: Sequence[str]) -> dict[str, Picture] | None:
    """Give the first test images of each class by domain, ``source`` and ``target``, if both domains are there."""
    if not {"source_test", "target_test"} <= data.keys():
        return None
    splits = {domain: taking_turns(data[f"{domain}_test"].load()) for domain in ("source", "target")}
    return {domain: picture(mosaic(split["images"], split["labels"], len(classes))) for domain, split in splits.items()}


def mistakes(run: Run, data: SavedParts, classes: Sequence[str]) -> list[dict[str, Any]] | None:
    """Give the target test images that a run is most sure of and wrong about, the surest first.

    Returns:
        Of at most `MISTAKES`: ``image`` (a `Picture`), ``index`` in the test split, ``true``, ``predicted``,
        ``confidence`` (0–1).
        Nothing where there are no predictions, or they were made on other images than those that are there now.
    """
    if "predictions" not in run.parts or not is_of(run.parts["predictions"], data, "target_test"):
        return None
    if not run.is_scored:
        return []
    test, probabilities = data["target_test"].load(), run.load("predictions")["target"]
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(predicted != test["labels"])
    surest = wrong[np.argsort(-confidence[wrong], kind="stable")][:MISTAKES]
    return [
        {
            "image": picture(_coloured(test["images"][index])),
            "index": int(index),
            "true": classes[test["labels"][index]],
            "predicted": classes[predicted[index]],
            "confidence": float(confidence[index]),
        }
        for index in surest
    ]


def _coloured(image: np.ndarray) -> np.ndarray:
    """Give an image ``(1 or 3, S, S)`` as ``(S, S, 3)``."""
    return np.broadcast_to(image, (3, *image.shape[1:])).transpose(1, 2, 0)


def translations(run: Run, data: SavedParts, classes: Sequence[str]) -> dict[str, Any] | None:
    """Give test images of a ``domain`` ``before`` and ``after`` translation, if the translated ones are still there."""
    split = run.entry.translates
    if split is None or "translated" not in run.parts or not is_of(run.parts["translated"], data, split):
        return None
    test, after = data[split].load(), run.load("translated")["images"]
    return {
        "domain": split.removesuffix("_test"),
        "before": picture(mosaic(test["images"], test["labels"], len(classes))),
        "after": picture(mosaic(after, test["labels"], len(classes))),
    }
