"""Benchmark: digits, photos, stopped_runs → benchmark_runs, benchmark_states → benchmark."""

from kedro.pipeline import Pipeline, node

from ..template import for_any_algorithm
from .nodes import run_missing, tabulate


def create_pipeline() -> Pipeline:
    """Run what has no record yet, and tabulate all records."""
    return Pipeline(
        [
            node(
                for_any_algorithm(run_missing),
                ["finished_runs", "stopped_runs", "digits", "photos", "parameters", "params:benchmark"],
                {"records": "benchmark_runs", "states": "benchmark_states"},
                name="run_benchmark",
            ),
            node(tabulate, ["benchmark_runs", "parameters"], "benchmark", name="tabulate_benchmark"),
        ],
        tags="benchmark",
    )
