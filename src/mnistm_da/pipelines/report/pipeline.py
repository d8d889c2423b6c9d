"""Report: whatever is saved of the data, the benchmark and each algorithm → report."""

from kedro.pipeline import Pipeline, node

from mnistm_da.adaptation.registry import ALGORITHMS

from .nodes import make_report


def create_pipeline() -> Pipeline:
    """Make one page of what has been run before, be it much or little; nothing is run for it."""
    saved = [f"{name}.saved" for name in ALGORITHMS]
    inputs = ["saved_data", "params:titles", "params:card", *saved]
    return Pipeline([node(make_report, inputs, "report", name="make_report")], tags="report")
