"""Tuning: source, raw_target_images, photos → tuning_trials → study, study_winner; with labels → tuned, hindsight.

The first half has no target label among its inputs, and nothing of the second half goes back into it.
"""

from collections.abc import Iterable

from kedro.pipeline import Pipeline, node

from ..ingestion.nodes import ingest_photos
from .afterwards import compare_with_start, look_back, plot_trust, run_trials_again, run_winner
from .nodes import pick_winner, plot_study, search, tabulate_study

OF_TRIALS = ("source", "raw_target_images", "photos", "format", "proxy_photos")
"""What a trial begins with: no label of the target."""

HOW = {"parameters": "parameters", "tune": "params:tune"}
LAUNCHED = HOW | {"launcher": "params:launcher"}


def create_pipeline(data: Iterable[str]) -> Pipeline:
    """Search, pick the winner, run it on fresh seeds, and look back.

    Args:
        data: datasets that are the same for every run in the end, the target's labels among them; see `benchmark`.
    """
    return Pipeline(_search(), tags="tuning") + Pipeline(_afterwards(sorted(data)), tags=["tuning", "hindsight"])


def _search() -> list:
    trials = {name: name for name in OF_TRIALS}
    kept = {"finished": "finished_trials", "stopped": "stopped_trials", "models": "trial_models", "studies": "studies"}
    return [
        node(ingest_photos, ["raw_proxy_photos", "format"], "proxy_photos", name="ingest_proxy_photos"),
        node(search, kept | trials | LAUNCHED | {"place": "tuning_workplace"}, "tuning_trials", name="search"),
        node(tabulate_study, {"records": "tuning_trials"} | trials | HOW, "study", name="tabulate_study"),
        node(
            pick_winner,
            ["study", "tuning_trials", "parameters", "params:tune"],
            "study_winner",
            name="pick_winner",
        ),
        node(plot_study, ["study", "study_winner"], "study_figure", name="plot_study"),
    ]


def _afterwards(data: list[str]) -> list:
    runs = {"finished": "finished_runs", "stopped": "stopped_runs", "place": "workplace"} | LAUNCHED
    runs |= {name: name for name in data}
    trials = {"study": "study", "records": "tuning_trials", "tuned": "tuned"}
    return [
        node(run_winner, runs | {"winner": "study_winner"}, ["benchmark_runs", "failed_runs"], name="run_winner"),
        node(
            compare_with_start,
            ["benchmark_runs", "parameters", "study_winner", "params:tune"],
            "tuned",
            name="compare_with_start",
        ),
        node(run_trials_again, runs | trials, ["hindsight_runs", "hindsight_failures"], name="run_trials_again"),
        node(
            look_back,
            trials | HOW | {"results": "hindsight_runs", "models": "trial_models", "target_test": "target_test"},
            "study_in_hindsight",
            name="look_back",
        ),
        node(plot_trust, ["study_in_hindsight", "tuned"], "study_trust", name="plot_trust"),
    ]
