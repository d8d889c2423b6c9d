"""Benchmark: the domains, stopped_runs → benchmark_runs, benchmark_states → benchmark → benchmark_table."""

from kedro.pipeline import Pipeline, node

from ..template import for_any_algorithm
from .nodes import run_missing
from .table import tabulate, write_markdown


def create_pipeline() -> Pipeline:
    """Run what has no record yet, tabulate all records, and write the table for people to read."""
    return Pipeline(
        [
            node(
                for_any_algorithm(run_missing),
                [
                    "finished_runs",
                    "stopped_runs",
                    "source",
                    "raw_target_images",
                    "target_labels",
                    "photos",
                    "format",
                    "parameters",
                    "params:benchmark",
                ],
                {"records": "benchmark_runs", "states": "benchmark_states"},
                name="run_benchmark",
            ),
            node(tabulate, ["benchmark_runs", "parameters"], "benchmark", name="tabulate_benchmark"),
            node(write_markdown, "benchmark", "benchmark_table", name="write_benchmark_table"),
        ],
        tags="benchmark",
    )
