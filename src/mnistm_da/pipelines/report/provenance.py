"""The origin of a report: the records beside the saved versions, as rows of tables."""

from collections.abc import Sequence
from typing import Any

from mnistm_da.datasets.saved import Saved
from mnistm_da.parameters import dotted

from .runs import Run, SavedParts

LIBRARIES = ("torch", "pytorch-adapt", "numpy", "scikit-learn", "kedro")


def data_rows(data: SavedParts) -> list[dict[str, Any]]:
    """Give a row for every shared dataset there is: see `_row`."""
    return [_row(name, part) for name, part in data.items()]


def run_rows(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Give a row for every run: see `_row`, and its ``seed`` and ``parameters`` by dotted name."""
    return [
        _row(run.name, run.parts["metrics"]) | {"seed": run.metrics["seed"], "parameters": run.parameters()}
        for run in runs
    ]


def _row(name: str, part: Saved) -> dict[str, Any]:
    """Give ``name``, ``version`` and, as recorded, ``content`` (SHA-256), ``node``, ``commit`` and ``parameters``."""
    record = part.record
    return {
        "name": name,
        "version": part.version,
        "content": record.get("content"),
        "node": record.get("node"),
        "commit": record.get("commit"),
        "parameters": dotted(record.get("parameters", {})),
    }


def libraries(runs: Sequence[Run]) -> dict[str, list[str]]:
    """Give the versions of the libraries that count for the numbers; several where the runs differ."""
    records = [run.parts["metrics"].record.get("libraries", {}) for run in runs]
    return {
        name: sorted({record[name] for record in records if name in record})
        for name in LIBRARIES
        if any(name in record for record in records)
    }
