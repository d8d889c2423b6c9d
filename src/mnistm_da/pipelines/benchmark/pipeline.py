"""Benchmark: the data, stopped_runs → benchmark_runs, failed_runs → benchmark → benchmark_table."""

from collections.abc import Iterable

from kedro.pipeline import Pipeline, node

from .nodes import run_missing
from .table import tabulate, write_markdown


def create_pipeline(data: Iterable[str]) -> Pipeline:
    """Run what has no result yet, tabulate all results, and write the table for people to read.

    Args:
        data: datasets that are the same for every unit. A unit makes all others that an algorithm's pipeline needs.
    """
    inputs = {"finished": "finished_runs", "stopped": "stopped_runs"} | {name: name for name in sorted(data)}
    inputs |= {"place": "workplace", "parameters": "parameters"}
    inputs |= {name: f"params:{name}" for name in ("benchmark", "launcher")}
    return Pipeline(
        [
            node(run_missing, inputs, ["benchmark_runs", "failed_runs"], name="run_benchmark"),
            node(tabulate, ["benchmark_runs", "parameters"], "benchmark", name="tabulate_benchmark"),
            node(write_markdown, "benchmark", "benchmark_table", name="write_benchmark_table"),
        ],
        tags="benchmark",
    )
