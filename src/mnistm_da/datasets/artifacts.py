"""Crash-safe versions of the kedro-datasets classes this project saves its results with."""

import json
import re
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar

from kedro.io.core import get_filepath_str
from kedro_datasets.json import JSONDataset as _JSONDataset
from kedro_datasets.matplotlib import MatplotlibDataset as _MatplotlibDataset
from kedro_datasets.pandas import CSVDataset as _CSVDataset
from kedro_datasets.pandas import ParquetDataset as _ParquetDataset
from kedro_datasets.text import TextDataset as _TextDataset

from mnistm_da.kedro_private import HTMLPreview, JSONPreview, unwrapped

from .crash_safe import CrashSafe

if TYPE_CHECKING:
    from pandas import DataFrame
else:
    DataFrame = Any


class JSONDataset(CrashSafe, _JSONDataset):
    """Scores and other small records, as JSON."""


class ScoresDataset(JSONDataset):
    """The scores of one algorithm, as JSON."""

    def preview(self) -> JSONPreview:
        """Show them in kedro-viz, the two accuracies first."""
        scores = unwrapped(self.load)(self)
        tests = {f"{domain} test accuracy": f"{domain}_test" for domain in ("target", "source")}
        first = {name: scores[test]["accuracy"] for name, test in tests.items() if test in scores}
        return JSONPreview(json.dumps(first | scores))


class _NoFormulas(_CSVDataset):
    """CSV in which a text such as ``=1+1.png`` is none of a spreadsheet's formulas: an apostrophe stands before it.

    The text comes back as it was when it is loaded.
    """

    # What reads it takes it for UTF-8, whatever the machine's own encoding is.
    DEFAULT_FS_ARGS: ClassVar[dict[str, Any]] = {"open_args_save": {"mode": "w", "encoding": "utf-8", "newline": ""}}

    def save(self, data: DataFrame) -> None:
        unwrapped(super().save)(self, _each_text(data, lambda text: f"'{text}" if _FORMULA.match(text) else text))

    def load(self) -> DataFrame:
        loaded = unwrapped(super().load)(self)
        return _each_text(loaded, lambda text: text[1:] if text.startswith("'") and _FORMULA.match(text) else text)


_FORMULA = re.compile(r"'*\s*[=+\-@＝＋－＠\t\r\n]")
"""How a text begins that a spreadsheet computes, with the apostrophes that it may have already."""


def _each_text(table: DataFrame, change: Callable[[str], str]) -> DataFrame:
    texts = table.select_dtypes(["object", "string"]).columns
    return table.assign(
        **{name: table[name].map(lambda cell: change(cell) if isinstance(cell, str) else cell) for name in texts}
    )


class CSVDataset(CrashSafe, _NoFormulas):
    """Small tables that people open in a spreadsheet, as CSV."""


class ParquetDataset(CrashSafe, _ParquetDataset):
    """Tables with a row per image or per epoch, as Parquet."""

    @wraps(_ParquetDataset.preview)
    def preview(self, nrows: int = 5) -> Any:
        """Show the first rows in kedro-viz; the class above reads them from a disk only."""
        return unwrapped(self.load)(self).head(nrows).to_dict(orient="split")


class _AsFile(_MatplotlibDataset):
    """Matplotlib figures, which load as the file that they were saved as."""

    def save(self, data: Any) -> None:
        unwrapped(super().save)(self, data)

    def load(self) -> bytes:
        with self._fs.open(get_filepath_str(self._get_load_path(), self._protocol), mode="rb") as file:
            content: bytes = file.read()
        return content


class FigureDataset(CrashSafe, _AsFile):
    """Matplotlib figures, as PNG; loaded, ``bytes`` of that file for a page that shows it."""


class _Utf8Dataset(CrashSafe, _TextDataset):
    """Text in UTF-8, whatever the machine's own encoding is."""

    DEFAULT_FS_ARGS: ClassVar[dict[str, Any]] = {
        "open_args_load": {"mode": "r", "encoding": "utf-8"},
        "open_args_save": {"mode": "w", "encoding": "utf-8"},
    }


class HtmlDataset(_Utf8Dataset):
    """A page, as HTML text in UTF-8."""

    def preview(self) -> HTMLPreview:
        """Show the page's main part in kedro-viz, which runs no scripts in it."""
        text = unwrapped(self.load)(self)
        text = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
        return HTMLPreview(text[text.find("<main") :])


class MarkdownDataset(_Utf8Dataset):
    """Text for people, as Markdown in UTF-8."""

    def preview(self) -> HTMLPreview:
        """Show the text in kedro-viz, typeset; no HTML in it is taken for such."""
        from markdown_it import MarkdownIt

        return HTMLPreview(MarkdownIt("js-default").render(unwrapped(self.load)(self)))


class BytesDataset(CrashSafe, _TextDataset):
    """A file of any other format: its content as ``bytes``, unchanged."""

    DEFAULT_FS_ARGS: ClassVar[dict[str, Any]] = {
        "open_args_load": {"mode": "rb"},
        "open_args_save": {"mode": "wb"},
    }
