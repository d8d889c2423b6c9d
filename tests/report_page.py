"""Shared by the tests of the report: the saved results of a finished run, the page made of them, and its reader."""

import base64
import io
import json
from html.parser import HTMLParser

import numpy as np
import pandas as pd
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from PIL import Image

from conftest import SAMPLE_EPOCHS
from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.datasets.saved import Saved
from mnistm_da.parameters import CardParams, TitleParams
from mnistm_da.pipelines.benchmark.pairs import COLUMNS
from mnistm_da.pipelines.report.nodes import make_report

TITLES = TitleParams(source="digits", target="digits over photos")
RUNS = ("source_only", "target_only", "dann")
BENCHMARK = pd.DataFrame(
    {
        "algorithm": ["dann", "mmd", "mme"],
        "family": ["adversarial", "divergence", "adversarial"],
        "target_labels": ["none", "none", "5 of each class, semi-supervised"],
        "epochs": [SAMPLE_EPOCHS] * 3,
        "seeds": [3, 1, 1],
        "last": [0.9369, 0.6935, 0.97],
        "last_deviation": [0.0038, np.nan, np.nan],
        "label_free": [0.9361, 0.6934, np.nan],
        "oracle": [0.9372, 0.695, 0.97],
        "source_test": [0.99, 0.9939, 0.99],
    }
)
DIFFERENCES = pd.DataFrame(
    [
        ("dann", "mmd", 3, 0.2434, 0.21, 0.28, 0.25, 0.5, 0.25),
        ("dann", "mme", 8, 0.0331, 0.01, 0.05, 0.0078125, 0.015625, 0.0078125),
    ],
    columns=list(COLUMNS),
)


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (3, 2), "white").save(file, "PNG")
    return file.getvalue()


def as_saved(data, **record) -> Saved:
    return Saved("2026-01-01T00.00.00.000Z", record, lambda: data)


def percent(share, digits=2):
    return f"{100 * share:.{digits}f}"


def saved_in(folder):
    """Give the saved data of a project, and the saved results of each algorithm by name."""
    bootstrap_project(folder)
    with KedroSession.create(project_path=folder, env="sample") as session:
        catalog = session.load_context().catalog
        return catalog.load("saved_data"), {name: catalog.load(f"{name}.saved") for name in ALGORITHMS}


CARD = CardParams(source="digits", target="photos", licences=["none"], demonstration=True, environment="sample")


def page_of(data, runs, titles=TITLES, card=CARD) -> "Page":
    return Page(make_report(data, titles, card, *(runs.get(name, {}) for name in ALGORITHMS)))


class Page(HTMLParser):
    """The parts of a page.

    Attributes:
        html: all of it.
        text: its words, without those of scripts and styles.
        tables: rows of cells, by the table's id, or the label of the region it scrolls in.
        images: ``src`` by ``alt``.
        charts: Plotly figures by label.
        data: JSON of scripts by id.
        terms: addresses of the short names that lead to the glossary.
        ids: of all elements.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html, self.text = html, ""
        self.tables, self.images, self.charts, self.data = {}, {}, {}, {}
        self.terms, self.ids = set(), set()
        self._label, self._rows, self._script, self._in = "", [], None, None
        self.feed(html)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self._label = given.get("aria-label", self._label)
        self._in = tag
        self.ids |= {given["id"]} if "id" in given else set()
        if given.get("class") == "term":
            self.terms.add(given["href"])
        if tag == "table":
            self._rows = self.tables[given.get("id", self._label)] = []
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._rows[-1].append("")
        elif tag == "img":
            self.images[given["alt"]] = given["src"]
        elif tag == "script":
            self._script = given.get("id") or self._label if given.get("type") == "application/json" else None

    def handle_endtag(self, tag):
        self._in = None
        if tag == "table":
            self._rows = []

    def handle_data(self, data):
        if self._in == "script" and self._script:
            (self.data if self._script == "map-data" else self.charts)[self._script] = json.loads(data)
        if self._in in ("script", "style"):
            return
        self.text += f"{data} "
        if self._rows and self._rows[-1]:
            self._rows[-1][-1] = f"{self._rows[-1][-1]} {data}".strip()


def pixels(uri: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))).convert("RGB"))
