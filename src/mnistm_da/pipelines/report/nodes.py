"""Gather what has been run and make the page."""

import json
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.datasets.saved import Saved
from mnistm_da.domains.partial import said_of_target
from mnistm_da.parameters import CardParams, TitleParams
from mnistm_da.pipelines.lazy_types import PlotlyFigure

if TYPE_CHECKING:
    from .runs import Run

logger = logging.getLogger(__name__)


def _classes(saved_data: dict[str, Saved], runs: "Sequence[Run]") -> list[str]:
    """Give the names of the classes, from the data or else from the scores; none where nothing is saved."""
    if "format" in saved_data:
        return list(saved_data["format"].load()["classes"])
    return list(runs[0].metrics["target_test"]["per_class_recall"]) if runs else []


def _partial(saved_data: dict[str, Saved], runs: "Sequence[Run]") -> list[str]:
    """Say it of a target that has not all classes; what the runs were of is in their scores, of now in ``format``."""
    kept = [run.metrics.get("target_classes") for run in runs]
    kept += [saved_data["format"].load().get("target_classes")] if "format" in saved_data else []
    classes = _classes(saved_data, runs)
    said = [said_of_target(names, classes) for names in kept if names]
    if said and not all(names == kept[0] for names in kept):
        said.append("Not all runs of this page are of the same target classes: compare those that are.")
    return list(dict.fromkeys(said))


def _chapter(run: "Run", saved_data: dict[str, Saved], classes: list[str]) -> dict[str, Any]:
    """Give the chapter on one run; its charts are those that its own pipeline drew."""
    from . import pictures, scores

    return {
        "run": run,
        "curves": _as_json(run.load("training_curves")),
        "trust": _as_json(run.load("validator_trust")),
        "validators": scores.validators(run),
        "mistakes": pictures.mistakes(run, saved_data, classes),
        "translations": pictures.translations(run, saved_data, classes),
    }


def _as_json(figure: PlotlyFigure | None) -> dict[str, Any] | None:
    made: dict[str, Any] | None = json.loads(figure.to_json()) if figure is not None else None
    return made


def make_report(
    saved_data: dict[str, Saved], titles: TitleParams, card: CardParams, *saved_runs: dict[str, Saved]
) -> str:
    """Make one page of whatever has been run; what has not is named in its place.

    Args:
        saved_data: ``format``, ``source_test``, ``target_test``, ``target_images``, ``benchmark``,
            ``benchmark_differences``, ``benchmark_ranks``: those there are.
        titles: what the domains are called.
        card: whether the models are small ones for show, and of which environment the commands are.
        saved_runs: the saved results of each algorithm, in the order of the registry.

    Returns:
        HTML in one piece, which loads nothing from elsewhere.
    """
    from mnistm_da.adaptation.measures.estimate_errors import ESTIMATES, told

    from . import conclusion, maps, pictures, provenance, scores
    from .differences import differences
    from .glossary import glossary
    from .page import render
    from .runs import gather

    runs, begun = gather(dict(zip(ALGORITHMS, saved_runs, strict=True)))
    benchmark = saved_data["benchmark"].load() if "benchmark" in saved_data else None
    classes = _classes(saved_data, runs)
    rows = scores.results(runs, benchmark)
    found = {row.algorithm for row in rows}
    unlabelled = any(not run.is_scored for run in runs)
    possible = [name for name, entry in ALGORITHMS.items() if not unlabelled or entry.target_labels == "none"]
    logger.info("reporting %d runs: %s", len(runs), ", ".join(run.name for run in runs) or "none")
    headline = scores.headline(rows)
    concluded, caveats = conclusion.conclude(headline, runs, saved_data)
    drawn = maps.maps(runs, saved_data, classes)  # as they are: source_only's is the first, beside which others are
    runs = sorted(runs, key=lambda run: run.entry.is_bound)
    return render(
        titles=titles,
        demonstration=card.demonstration,
        option=f" --env={card.environment}" if card.environment else "",
        classes=classes,
        unlabelled=unlabelled,
        estimates=ESTIMATES,
        estimate_errors=told(),
        partial=_partial(saved_data, runs),
        headline=headline,
        conclusion=concluded,
        caveats=caveats,
        glossary=glossary(
            dict.fromkeys(row.algorithm for row in rows),
            dict.fromkeys(by for run in runs for by in run.metrics["picks"]),
        ),
        samples=pictures.samples(saved_data, classes),
        results=rows,
        has_benchmark=benchmark is not None,
        differences=differences(saved_data),
        begun=begun,
        not_run=[name for name in possible if name not in found and name not in begun],
        published=scores.bars(rows, titles),
        maps=drawn,
        chapters=[_chapter(run, saved_data, classes) for run in runs],
        recall=scores.recall(runs),
        times=scores.times(runs),
        steps=list(scores.STEPS.values()),
        data_rows=provenance.data_rows(saved_data),
        run_rows=provenance.run_rows(runs),
        libraries=provenance.libraries(runs),
    )
