"""Every pipeline by name. The flow of the data can be read here from top to bottom.

source, target_images, target_labels → splits
splits → {algorithm}.checkpoints → .model → .metrics, .embedding, figures → comparison
"""

from collections.abc import Iterable
from functools import cache
from typing import NoReturn

import click
from kedro.pipeline import Pipeline

from mnistm_da.adaptation.registry import ALGORITHMS, trained_in_order
from mnistm_da.errors import unknown
from mnistm_da.pipelines import (
    DEFAULT_PIPELINE,
    benchmark,
    drawing,
    embedding,
    evaluation,
    export,
    ingestion,
    prediction,
    report,
    selection,
    splitting,
    training,
    tuning,
)
from mnistm_da.viz.previews import with_previews

BOUNDS = [name for name, entry in ALGORITHMS.items() if entry.is_bound]


NOT_PART_OF_ALL = ("benchmark", "tune", "predict", "export", "report")
"""Pipelines that are no part of ``all``: the first two train again, the others use what earlier runs made."""


class Pipelines(dict[str, Pipeline]):
    """The registered pipelines; asking for one that is not there lists those that are."""

    def __missing__(self, name: str) -> NoReturn:
        """Fail as a wrong command-line argument does."""
        if name in ALGORITHMS:
            raise click.UsageError(
                f"'{name}' is trained with labels of target images, and the target of this environment has none: run "
                "an algorithm that needs none, such as dann"
            )
        raise click.UsageError(unknown("pipeline", name, list(self)))


def register_pipelines(*, labelled_target: bool = True) -> dict[str, Pipeline]:
    """Give every pipeline: ``data``, one per algorithm, ``all``, and those in `NOT_PART_OF_ALL`.

    An adaptation's pipeline trains its bounds too, so that one run makes the comparison. `find_pipelines` cannot be
    used: it looks for a folder named like each pipeline.

    Args:
        labelled_target: whether the target's training images have labels. Without them, the
            algorithms that learn from target labels are left out, and the only bound is `source_only`.
    """
    return Pipelines(_made(labelled_target))  # Kedro asks more than once, and may empty what it was given


@cache
def _made(labelled_target: bool) -> dict[str, Pipeline]:
    algorithms = [name for name, entry in ALGORITHMS.items() if labelled_target or entry.target_labels == "none"]
    names_of_bounds = [name for name in BOUNDS if name in algorithms]
    data = ingestion.create_pipeline() + splitting.create_pipeline(labelled_target=labelled_target)
    data += drawing.show_data()
    models = {
        name: training.create_pipeline(name)
        + selection.create_pipeline(name)
        + evaluation.create_pipeline(name)
        + embedding.create_pipeline(name)
        + drawing.create_pipeline(name)
        for name in algorithms
    }
    bounds = [models[name] for name in names_of_bounds]
    pipelines = {"data": data}
    for name in models:
        parts = [data, *(models[one] for one in trained_in_order(name))]
        if name not in BOUNDS:
            parts += [*bounds, drawing.compare_with_bounds(name, names_of_bounds)]
        pipelines[name] = _together(parts)
    pipelines["predict"] = prediction.create_pipeline()
    pipelines["export"] = export.create_pipeline()
    pipelines["report"] = report.create_pipeline()
    read = ingestion.read_domains()
    pipelines["benchmark"] = read + benchmark.create_pipeline({*read.all_outputs(), "raw_target_images"})
    tested = (ingestion.create_pipeline() + splitting.create_pipeline(labelled_target=labelled_target)).to_outputs(
        "target_test"
    )
    pipelines["tune"] = _together([read, tested, tuning.create_pipeline({*read.all_outputs(), "raw_target_images"})])
    pipelines["all"] = _together(p for name, p in pipelines.items() if name not in NOT_PART_OF_ALL)
    pipelines["__default__"] = pipelines[DEFAULT_PIPELINE]
    with_previews(pipelines)
    return pipelines


def _together(parts: Iterable[Pipeline]) -> Pipeline:
    """Add up pipelines at once: Kedro sorts and checks the whole after each ``+``."""
    return Pipeline({node for part in parts for node in part.nodes})
