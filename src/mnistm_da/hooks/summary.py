"""The end of a run: where its files are, how to look at them, and the scores as the last thing on the screen."""

import shlex
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline
from upath import UPath

from mnistm_da.adaptation.measures.estimate_errors import ESTIMATES, told
from mnistm_da.adaptation.measures.percent import DEMONSTRATION, introduce, percent, percent_with_error
from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.domains.partial import said_of_target
from mnistm_da.kedro_private import load_path, version_of
from mnistm_da.lineage import elsewhere
from mnistm_da.project_paths import project_root
from mnistm_da.storage import files
from mnistm_da.terminal import ConsoleStream, show

from .project import PACKAGE

if TYPE_CHECKING:
    from rich.table import Table

MAX_FILES = 4
"""Files that are named at the end of a run; of more, only their folder is."""

MAX_FILES_BESIDE_SCORES = 2
"""The same where the commands for report and kedro-viz follow."""

UNKNOWN = "The target has no labels, so how many of its images are right is not known. Estimates can be far off. {}"
"""Below the table of a target without labels, with the sentences about the estimates' errors."""

FIRST_TO_SEE = ("overview", "comparison")
"""The figures and tables of an algorithm to look at first."""


class SummariseRun:
    """Say at the end what came out and where it is."""

    @hook_impl
    def after_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Print where the files for people are, then the scores of the algorithms that this run evaluated."""
        made = sorted(pipeline.all_outputs())
        metrics = [catalog.load(f"{name}.metrics") for name in ALGORITHMS if f"{name}.metrics" in made]
        seconds = {name: catalog.load(f"{name}.timing")["seconds"] for name in ALGORITHMS if f"{name}.timing" in made}
        lines = [] if elsewhere.is_active() else _places(made, catalog)
        if metrics and not elsewhere.is_active():
            lines += _commands(run_params.get("env"), run_params.get("runtime_params") or {})
            if is_demonstration(catalog):
                lines += _small_models(metrics)
        if lines:
            ConsoleStream().write("\n".join(lines))
        if metrics:
            show(_score_table(metrics, seconds))


def _places(made: list[str], catalog: DataCatalog) -> list[str]:
    """Name the folder that holds the files for people, and the few of them that matter."""
    paths = {name: path for name in made if (path := _for_people(catalog.get(name)))}
    if not paths:
        return []
    first = [name for ending in FIRST_TO_SEE for name in paths if name.endswith(f".{ending}")]
    # Of each file lie all versions in a folder, each version in its own.
    folder = Counter(path.parents[2] for path in paths.values()).most_common(1)[0][0]
    shown = [paths[name] for name in first or paths if paths[name].is_relative_to(folder)]
    few = shown if len(shown) <= (MAX_FILES_BESIDE_SCORES if first else MAX_FILES) else []
    return [f"saved in {_from_here(folder)}", *(f"  {path.relative_to(folder).as_posix()}" for path in few)]


def _for_people(dataset: Any) -> UPath | None:
    """Give the file of a figure, table or page; None of anything else, such as a user's own dataset without a layer."""
    metadata = getattr(dataset, "metadata", None)
    shown = metadata.get("kedro-viz") if isinstance(metadata, dict) else None
    is_shown = isinstance(shown, dict) and shown.get("layer") == "reporting"
    return load_path(dataset) if is_shown and version_of(dataset) else None


def _from_here(path: UPath) -> str:
    """Write a folder relative to where the command was started, if it is below; of a store, the address."""
    if files.is_local(path) and path.is_relative_to(Path.cwd()):
        return path.relative_to(Path.cwd()).as_posix()
    return str(path)


def _commands(env: str | None, said: dict[str, Any]) -> list[str]:
    """Give the commands that show all runs of an environment, with the domains that were named."""
    named = ",".join(f"{name}={said[name]}" for name in ("source", "target", "target_test") if name in said)
    named = named.replace(r"\${", "${")  # as it was typed
    option = (f" --env={env}" if env else "") + (f" --params={shlex.quote(named)}" if named else "")
    report = f"  report: kedro run --pipelines=report{option}"
    return [report] if named else [report, f"  viz:    {_viz(env)}"]


def _viz(env: str | None) -> str:
    """Give the command that shows the graph: in the repository that of its Makefile, which other projects lack."""
    root = project_root()
    if root and (root / "src" / PACKAGE).is_dir():
        return f"make viz KEDRO_ENV={env or 'local'}"
    return f"python -m {PACKAGE}.viz.serve" + (f" --env={env}" if env else "")


def is_demonstration(catalog: DataCatalog) -> bool:
    """Whether models of the environment's data are small ones for show."""
    card = dict(catalog.load("params:card")) if "params:card" in catalog else {}
    return bool(card.get("demonstration"))


def _small_models(metrics: list[dict[str, Any]]) -> list[str]:
    """Say it of the adaptation that was run, or of all models if there are several."""
    adapted = [scores for scores in metrics if not ALGORITHMS[scores["algorithm"]].is_bound] or metrics
    if len(adapted) > 1:
        return ["These are small demonstration models, each with its own accuracy below."]
    test = adapted[0]["target_test"]
    if test["accuracy"] is None:
        return []
    return [introduce(adapted[0]["algorithm"], DEMONSTRATION, test["accuracy"], test["count"])]


def _score_table(metrics: list[dict[str, Any]], seconds: dict[str, float]) -> "Table":
    from rich.table import Table

    picked = {"last": "of the last epoch"}.get(metrics[0]["selection"], f"at the pick of {metrics[0]['selection']}")
    counts = [metrics[0][f"{domain}_test"]["count"] for domain in ("source", "target")]
    images = f"{counts[0]:,} images each" if counts[0] == counts[1] else f"{counts[0]:,} and {counts[1]:,} images"
    unlabelled = metrics[0]["target_test"]["accuracy"] is None
    title = f"Test accuracy {picked}, % ± standard error, {images}"
    table = Table(title=title, caption="\n".join(_notes(metrics[0])) or None, show_edge=False, pad_edge=False)
    table.add_column("algorithm", no_wrap=True)
    for column in ("source", "target"):
        table.add_column(column, justify="right", no_wrap=True)
    of_target = ("target macro-F1", "target calibration error")
    estimates = tuple(f"target, estimated by {shown}" for shown in ESTIMATES.values())
    for column in (*(estimates if unlabelled else of_target), "training seconds"):
        table.add_column(column, justify="right")
    for scores in metrics:
        name = scores["algorithm"]
        of_time = f"{seconds[name]:.0f}" if name in seconds else "before"
        table.add_row(name, *_cells(scores, unlabelled=unlabelled), of_time)
    return table


def _notes(scores: dict[str, Any]) -> list[str]:
    """Say what a reader of the scores must know of their target."""
    kept = scores.get("target_classes")
    notes = [said_of_target(kept, scores["source_test"]["per_class_recall"])] if kept else []
    return notes + ([UNKNOWN.format(told())] if scores["target_test"]["accuracy"] is None else [])


def _cells(scores: dict[str, Any], *, unlabelled: bool) -> list[str]:
    """Write an algorithm's scores: on both domains, and more of the target, or estimates where it has no labels."""
    source, target = scores["source_test"], scores["target_test"]
    cells = [_known(percent_with_error, test["accuracy"], test["count"]) for test in (source, target)]
    if unlabelled:
        estimated = scores.get("estimated_accuracy", {})  # not in scores that an earlier version saved
        return cells + [f"{100 * estimated[name]:.0f}" if name in estimated else "–" for name in ESTIMATES]
    return cells + [percent(target[name], target["count"]) for name in ("macro_f1", "expected_calibration_error")]


def _known(write: Callable[[float, int], str], share: float | None, count: int) -> str:
    return "–" if share is None else write(share, count)
