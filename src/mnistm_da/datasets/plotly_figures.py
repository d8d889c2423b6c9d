"""Plotly figures as JSON; in a separate module, since it imports plotly."""

from kedro_datasets.plotly import JSONDataset as _JSONDataset

from .crash_safe import CrashSafe


class PlotlyDataset(CrashSafe, _JSONDataset):
    """A Plotly figure: kedro-viz draws it as it is, and the report as a part of its page."""
