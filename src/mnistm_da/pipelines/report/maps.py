"""The feature maps of all runs that show the same images, turned so that they can be compared."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from mnistm_da.adaptation.measures.projection import align
from mnistm_da.parameters import EXTRACTOR, dotted

from .pictures import SHEET_COLUMNS, sheet
from .runs import Run, SavedParts, is_of, made_from

WITHOUT_LABEL = "image without a label"
"""The legend's entry for images without labels, after the classes."""

TESTS = ("source_test", "target_test")


def maps(runs: Sequence[Run], data: SavedParts, classes: Sequence[str]) -> dict[str, Any] | None:
    """Put the maps of all runs beside the first one's, which is source_only's where it was run.

    Returns:
        Nothing without any map, else:

        - ``label``, ``domain``, ``index``: of each image;
        - ``classes``: their names by label;
        - ``names``: of the algorithms;
        - ``maps``: by algorithm, ``x`` and ``y`` of the images, aligned with the first map;
        - ``separable``: by algorithm, the proxy-A-distance;
        - ``sheet``: all images in one, or nothing if they are no longer those that were mapped;
        - ``columns``: how many images a row of the sheet has;
        - ``layer``: whose output the maps show, see `EmbeddingParams`;
        - ``others``: algorithms whose maps show other images, or another layer.
    """
    mapped = [run for run in runs if "embedding" in run.parts]
    if not mapped:
        return None
    first = mapped[0]
    reference = first.load("embedding")
    shown = [run for run in mapped if _same_images(run, first, reference)]
    names = [run.name for run in shown]
    labels = reference["label"].to_numpy()
    without = [WITHOUT_LABEL] if (labels < 0).any() else []
    return {
        "classes": [*classes, *without],
        "label": np.where(labels < 0, len(classes), labels).tolist(),
        "domain": reference["domain"].tolist(),
        "index": reference["index"].tolist(),
        "names": names,
        "maps": {run.name: _coordinates(align(run.load("embedding"), reference)) for run in shown},
        "separable": {run.name: run.metrics["proxy_a_distance"] for run in shown},
        "sheet": _pictures(reference, data) if is_of(first.parts["embedding"], data, *TESTS) else None,
        "columns": SHEET_COLUMNS,
        "layer": _layer(first),
        "others": [run.name for run in mapped if run.name not in names],
    }


def _same_images(run: Run, other: Run, reference: pd.DataFrame) -> bool:
    """Whether two maps show the same images, row by row, and the same layer."""
    if _layer(run) != _layer(other):
        return False
    ours, theirs = made_from(run.parts["embedding"]), made_from(other.parts["embedding"])
    columns = ["domain", "index", "label"]
    return all(ours.get(test) == theirs.get(test) for test in TESTS) and reference[columns].equals(
        run.load("embedding")[columns]
    )


def _layer(run: Run) -> str:
    layer: str = dotted(run.parts["embedding"].record.get("parameters", {})).get("embedding.layer", EXTRACTOR)
    return layer


def _coordinates(table: pd.DataFrame) -> dict[str, list[float]]:
    return {axis: table[axis].astype(float).round(3).tolist() for axis in ("x", "y")}


def _pictures(table: pd.DataFrame, data: SavedParts) -> str:
    tests = {domain: data[f"{domain}_test"].load()["images"] for domain in ("source", "target")}
    images = np.zeros((len(table), 3, *tests["source"].shape[2:]), dtype=np.uint8)
    for domain, test in tests.items():
        here = (table["domain"] == domain).to_numpy()
        images[here] = test[table.loc[here, "index"]]
    return sheet(images)
