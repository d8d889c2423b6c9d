"""The end of `predict`: a table of its answers on the terminal."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline

from mnistm_da.adaptation.measures.percent import DEMONSTRATION, introduce
from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.lineage import records
from mnistm_da.lineage.trace import newest
from mnistm_da.terminal import ConsoleStream, show

from .summary import is_demonstration

if TYPE_CHECKING:
    from pandas import DataFrame
    from rich.table import Table

SHOWN = 40
"""Rows of the table: more would push its head off the screen."""


class ShowPredictions:
    """Say at the end of a run what a user's pictures were taken for."""

    @hook_impl(trylast=True)
    def after_pipeline_run(self, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Print a row a picture, what could not be read, and what the model was trained on."""
        if "user_predictions" not in pipeline.all_outputs():
            return
        predictions = catalog.load("user_predictions")
        show(answer_table(predictions))
        more = len(predictions) - SHOWN
        unreadable = json.loads(bytes(catalog.load("user_images")["left_out"]))
        lines = [f"… and {more} more, all of them in user_predictions."] if more > 0 else []
        lines += [f"left out {line}" for line in [*skipped(catalog.load("user_pictures")), *unreadable]]
        ConsoleStream().write("\n".join([*lines, *about(catalog)]))


def about(catalog: DataCatalog) -> list[str]:
    """Say what the model was trained on, and of a small one for show how good it is."""
    from mnistm_da.adaptation.models.description import description

    made_with = description(catalog.load("chosen_model"))
    said = [trained_on(made_with.algorithm, made_with.titles, catalog.load("params:predict"))]
    metrics: Any = catalog.get("chosen_metrics")
    kind = "comes with mnistm-da" if metrics.is_shipped else DEMONSTRATION if is_demonstration(catalog) else None
    if kind and metrics.exists() and (metrics.is_shipped or _are_of_the_model(catalog, made_with.algorithm)):
        test = metrics.load()["target_test"]
        said.append(introduce(made_with.algorithm, kind, test["accuracy"], test["count"]))
    if metrics.is_shipped:
        said.append("For a model that you trained: --params=model=NAME")
    return said


def _are_of_the_model(catalog: DataCatalog, algorithm: str) -> bool:
    """Whether the newest scores are of the newest model, which may have been trained again and not scored yet."""
    found = [newest(catalog.get(name)) for name in ("chosen_metrics", "chosen_model")]
    scores, model = (records.read(here[1]) if here else None for here in found)
    made_from = (scores or {}).get("inputs", {}).get(f"{algorithm}.model", {})
    return model is not None and made_from.get("content") == model["content"]


def skipped(place: Path) -> list[str]:
    """Give a line for what lies beside the pictures and is none; nothing where they are gone by now."""
    from mnistm_da.domains.pictures import PicturesError, find_pictures

    try:
        return find_pictures(place).skipped
    except PicturesError:
        return []


def answer_table(predictions: "DataFrame") -> "Table":
    """Make the table of the first rows of ``user_predictions``."""
    import pandas as pd
    from rich.table import Table
    from rich.text import Text

    table = Table("file")
    answer = "digit" if "digit" in predictions else "class"
    table.add_column(answer, justify="right")
    table.add_column("%", justify="right")
    table.add_column("", no_wrap=True)
    for row in predictions.head(SHOWN).to_dict("records"):
        is_read = not pd.isna(row[answer])
        remark = "" if pd.isna(row["remark"]) else str(row["remark"])
        table.add_row(
            Text(str(row["file"]), overflow="fold"),
            str(row[answer]) if is_read else "–",
            f"{100 * row['confidence']:.0f}" if is_read else "",
            remark,
        )
    return table


def trained_on(model: str, titles: Any, predict: Any) -> str:
    """Say what a model knows, and what this means for a user's pictures."""
    titles, predict = (one if isinstance(one, dict) else one.model_dump() for one in (titles, predict))
    target = {"none": "unlabelled", "few": "few of them labelled", "all": "labelled"}[ALGORITHMS[model].target_labels]
    known = {
        "source_only": f"{titles['source']} alone",
        "target_only": f"{titles['target']} alone",
    }.get(model, f"{titles['source']} (labelled) and {titles['target']} ({target})")
    polarity = {
        "digit": "Each digit that was found is given to it white on black, so dark ink on light paper and chalk on a "
        "board are read alike.",
        "own": "The pictures are given to it as those that it was trained on: in colour, and in the same size.",
        "none": "The pictures are given to it as they are: with crop=digit, dark ink on light paper is turned into "
        "white on black, as in MNIST.",
    }[predict["crop"]]
    unsure = f"Unsure: under {predict['unsure_below']:.0%}."
    return f"{model} was trained on {known}. {polarity} {unsure}"
