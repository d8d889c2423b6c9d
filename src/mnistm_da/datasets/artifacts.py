"""Crash-safe versions of the kedro-datasets classes this project saves its results with."""

import re

from kedro_datasets._typing import HTMLPreview
from kedro_datasets.json import JSONDataset as _JSONDataset
from kedro_datasets.matplotlib import MatplotlibDataset as _MatplotlibDataset
from kedro_datasets.pandas import CSVDataset as _CSVDataset
from kedro_datasets.pandas import ParquetDataset as _ParquetDataset
from kedro_datasets.text import TextDataset as _TextDataset

from .crash_safe import CrashSafe


class JSONDataset(CrashSafe, _JSONDataset):
    """Scores and other small records, as JSON."""


class CSVDataset(CrashSafe, _CSVDataset):
    """Small tables that people open in a spreadsheet, as CSV."""


class ParquetDataset(CrashSafe, _ParquetDataset):
    """Tables with a row per image or per epoch, as Parquet."""


class FigureDataset(CrashSafe, _MatplotlibDataset):
    """Matplotlib figures, as PNG."""


class HtmlDataset(CrashSafe, _TextDataset):
    """A page, as HTML text in UTF-8."""

    def preview(self) -> HTMLPreview:
        """Show the page's main part in kedro-viz, which runs no scripts in it."""
        text = self.load.__wrapped__(self)  # type: ignore[attr-defined]
        text = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
        return HTMLPreview(text[text.find("<main") :])
