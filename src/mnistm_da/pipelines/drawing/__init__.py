"""Figures and tables: of the data, of each algorithm, and of an adaptation beside its bounds."""

from mnistm_da.pipelines.drawing.pipeline import compare_with_bounds, create_pipeline, show_data

__all__ = ["compare_with_bounds", "create_pipeline", "show_data"]
