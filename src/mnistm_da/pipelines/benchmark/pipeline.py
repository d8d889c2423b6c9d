"""Benchmark: digits, photos → benchmark_runs → benchmark."""

from kedro.pipeline import Pipeline, node

from ..template import for_any_algorithm
from .nodes import run_missing, tabulate


def create_pipeline() -> Pipeline:
    """Run what has no record yet, and tabulate all records."""
    return Pipeline(
        [
            node(
                for_any_algorithm(run_missing),
                ["finished_runs", "digits", "photos", "parameters", "params:benchmark"],
                "benchmark_runs",
                name="run_benchmark",
            ),
            node(tabulate, ["benchmark_runs", "parameters"], "benchmark", name="tabulate_benchmark"),
        ],
        tags="benchmark",
    )
