"""Benchmark: finished_runs → merged_runs; with the data and stopped_runs → benchmark_runs → benchmark, its table."""

from collections.abc import Iterable

from kedro.pipeline import Pipeline, node

from .merge import merge
from .nodes import run_missing
from .pairs import compare, draw_ranks
from .table import tabulate, write_table


def create_pipeline(data: Iterable[str]) -> Pipeline:
    """Take over results, run what has none yet, tabulate and compare all, and write the table for people to read.

    Args:
        data: datasets that are the same for every unit. A unit makes all others that an algorithm's pipeline needs.
    """
    inputs = {"finished": "merged_runs", "stopped": "stopped_runs"} | {name: name for name in sorted(data)}
    inputs |= {"place": "workplace", "parameters": "parameters"}
    inputs |= {name: f"params:{name}" for name in ("benchmark", "launcher")}
    return Pipeline(
        [
            node(
                merge,
                ["finished_runs", "params:benchmark", "parameters"],
                ["merged_runs", "benchmark_origins"],
                name="merge_benchmark",
            ),
            node(run_missing, inputs, ["benchmark_runs", "failed_runs"], name="run_benchmark"),
            node(tabulate, ["benchmark_runs", "parameters"], "benchmark", name="tabulate_benchmark"),
            node(compare, ["benchmark_runs", "parameters"], "benchmark_differences", name="compare_benchmark"),
            node(draw_ranks, ["benchmark_runs", "parameters"], "benchmark_ranks", name="draw_benchmark_ranks"),
            node(
                write_table,
                ["benchmark", "benchmark_differences"],
                "benchmark_table",
                name="write_benchmark_table",
            ),
        ],
        tags="benchmark",
    )
