"""Types for the hints of nodes whose libraries take long to import; only a type checker needs to know them."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame
    from plotly.graph_objects import Figure as PlotlyFigure
else:
    DataFrame = Figure = PlotlyFigure = Any

__all__ = ["DataFrame", "Figure", "PlotlyFigure"]
