"""The numbers of a report: results, the published figures beside them, recall, and time."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pandas as pd

from mnistm_da.adaptation.measures import intervals
from mnistm_da.adaptation.measures.intervals import Interval
from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.parameters import TitleParams

from .runs import Run


@dataclass(frozen=True)
class Result:
    """A row of the results table; every accuracy is a fraction 0–1.

    Attributes:
        algorithm: its name.
        family: of the algorithm.
        target_labels: which it was trained with: ``none``, ``few`` or ``all``.
        labelled: how many these are, in words; as ``target_labels`` where that is not recorded.
        runs: how many seeds, or which.
        seeds: how many.
        epochs: of training.
        last: target test accuracy of the last epoch, the mean over the seeds; honest, since nothing is chosen. None if
            the target has no labels.
        deviation: its sample standard deviation; none for one seed.
        label_free: of the epoch that the validator IM picks, which sees no target label; honest.
        oracle: of the best epoch in hindsight, picked with the test labels; no result.
        source: source test accuracy.
        made_by: ``benchmark`` or ``single run``.
        images: of the target's test, where it is a single run.
    """

    algorithm: str
    family: str
    target_labels: str
    labelled: str
    runs: str
    seeds: int
    epochs: int
    last: float | None
    deviation: float | None
    label_free: float | None
    oracle: float | None
    source: float
    made_by: str
    images: int | None = None

    @property
    def length(self) -> str:
        """How long it was trained, in words."""
        return f"{self.epochs} epoch{'s' if self.epochs > 1 else ''}"

    @property
    def interval(self) -> Interval | None:
        """The 95 % interval of ``last``: over seeds, where there are several; else over test images, if it is known."""
        if self.last is None:
            return None
        if self.deviation is not None:
            return intervals.of_mean(self.last, self.deviation, self.seeds)
        return intervals.of_share(self.last, self.images) if self.images else None


def results(runs: Sequence[Run], benchmark: pd.DataFrame | None) -> list[Result]:
    """Give a row for every algorithm of the benchmark, then one for every run beside it; the bounds come last.

    Args:
        runs: of single algorithms.
        benchmark: see `tabulate`, if there is one.
    """
    rows = []
    for row in [] if benchmark is None else benchmark.to_dict("records"):
        name, seeds = str(row["algorithm"]), int(row["seeds"])
        rows.append(
            Result(
                algorithm=name,
                family=str(row["family"]),
                target_labels=ALGORITHMS[name].target_labels,
                labelled=str(row.get("target_labels", ALGORITHMS[name].target_labels)),
                runs=f"{seeds} seed{'s' if seeds > 1 else ''}",
                seeds=seeds,
                epochs=int(row["epochs"]),
                last=row["last"],
                deviation=None if math.isnan(row["last_deviation"]) else row["last_deviation"],
                label_free=None if math.isnan(row["label_free"]) else row["label_free"],
                oracle=row["oracle"],
                source=row["source_test"],
                made_by="benchmark",
            )
        )
    for run in runs:
        picks = run.metrics["picks"]
        rows.append(
            Result(
                algorithm=run.name,
                family=run.entry.family,
                target_labels=run.entry.target_labels,
                labelled=_labelled(run),
                runs=f"seed {run.metrics['seed']}" + _partial(run),
                seeds=1,
                epochs=run.metrics["epochs"],
                last=picks["last"]["target_test_accuracy"],
                deviation=None,
                label_free=picks["im"]["target_test_accuracy"] if "im" in picks else None,
                oracle=picks["oracle"]["target_test_accuracy"] if "oracle" in picks else None,
                source=run.metrics["source_test"]["accuracy"],
                made_by="single run",
                images=run.metrics["target_test"]["count"],
            )
        )
    return sorted(rows, key=lambda row: ALGORITHMS[row.algorithm].is_bound)


def _partial(run: Run) -> str:
    kept = run.metrics.get("target_classes")
    return f", {len(kept)} target classes" if kept else ""


def _labelled(run: Run) -> str:
    made_with = run.made_with()
    return made_with.few_labels.described() if made_with and made_with.few_labels else run.entry.target_labels


def one_each(rows: Sequence[Result]) -> list[Result]:
    """Give one row for each algorithm: the benchmark's where there is one, of the longest training."""
    best: dict[str, Result] = {}
    for row in sorted(rows, key=lambda row: (row.made_by == "benchmark", row.epochs)):
        best[row.algorithm] = row
    return [best[name] for name in ALGORITHMS if name in best]


def headline(rows: Sequence[Result]) -> dict[str, Any]:
    """Give the lower bound, the best adaptation without target labels and the upper bound, of those there are.

    Returns:
        ``lower``, ``best`` and ``upper``: a `Result` or nothing; ``of``: among how many the best is the best;
        ``closed``: which fraction of the gap between the bounds it closes, where all three were trained as long.
    """
    by_name = {row.algorithm: row for row in one_each(rows)}
    lower, upper = by_name.get("source_only"), by_name.get("target_only")
    adapted = [row for row in by_name.values() if row.target_labels == "none" and row.family != "bound"]
    best = max(adapted, key=lambda row: -1.0 if row.last is None else row.last, default=None)
    closed = None
    if lower and upper and best and lower.epochs == best.epochs == upper.epochs:
        closed = _closed(lower.last, best.last, upper.last)
    return {"lower": lower, "best": best, "upper": upper, "of": len(adapted), "closed": closed}


def _closed(lower: float | None, best: float | None, upper: float | None) -> float | None:
    if lower is None or best is None or upper is None or upper <= lower:
        return None
    return (best - lower) / (upper - lower)


LABELS_SEEN = {"none": "", "few": ", trained on a few target labels", "all": ", trained on all target labels"}


def bars(rows: Sequence[Result], titles: TitleParams) -> dict[str, Any]:
    """Set the runs beside the published figures.

    Returns:
        ``comparable``: whether the runs are on the ``pair`` of domains that the figures are about; ``bars``, the
        highest first: ``method``, ``percent``, ``spread`` (in %, or nothing), ``note`` (where it is from),
        ``selection`` (if it is known) and ``kind`` (``ours``, ``published``, or ``looked`` where it is known to have
        used target labels).
    """
    published = json.loads(files(__package__).joinpath("published.json").read_text(encoding="utf-8"))
    ours = [
        {
            "method": row.algorithm,
            "percent": 100 * row.last,
            "spread": None if row.deviation is None else 100 * row.deviation,
            "note": f"this page, {row.runs}, {row.length}",
            "selection": f"last epoch{LABELS_SEEN[row.target_labels]}",
            "kind": "ours",
        }
        for row in one_each(rows)
        if row.last is not None
    ]
    theirs = [
        {
            "method": one["method"],
            "percent": one["percent"],
            "spread": one.get("spread"),
            "note": one["source"],
            "selection": one.get("selection"),
            "kind": "looked" if one.get("looked") else "published",
        }
        for one in published["figures"]
    ]
    return {
        "comparable": [titles.source, titles.target] == published["pair"],
        "pair": published["pair"],
        "bars": sorted(ours + theirs, key=lambda bar: -bar["percent"]),
    }


def validators(run: Run) -> list[dict[str, Any]]:
    """Give what each way to select an epoch picks: ``by``, ``epoch``, ``accuracy`` (0–1), ``correlation`` of ranks."""
    return [
        {
            "by": name,
            "epoch": pick["epoch"],
            "accuracy": pick["target_test_accuracy"],
            "correlation": pick["rank_correlation"],
        }
        for name, pick in run.metrics["picks"].items()
    ]


def recall(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Give, for each run, ``algorithm`` and ``recall``: of each class on target test, 0–1 (nothing: no image).

    Runs whose target has no labels are left out.
    """
    return [
        {
            "algorithm": run.name,
            "recall": list(run.metrics["target_test"]["per_class_recall"].values()),
        }
        for run in runs
        if run.is_scored
    ]


STEPS = {"predictions": "predict", "judged": "judge epochs", "embedding": "map"}
"""Parts whose records say how long their node ran, by what it did."""


def times(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Give for each run ``algorithm``, ``device``, ``epochs``, and seconds of ``training`` and of later ``steps``."""
    return [
        {
            "algorithm": run.name,
            "epochs": run.metrics["epochs"],
            "device": run.timing()["device"],
            "training": run.timing()["seconds"],
            "steps": [run.parts[part].record.get("seconds") if part in run.parts else None for part in STEPS],
        }
        for run in runs
    ]
