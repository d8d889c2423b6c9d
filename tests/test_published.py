"""No published file names a path, user or host: the report, the card, the benchmark's results, the documentation.

Of the static site: `tests/viz/test_site.py`; of exported files: `tests/adaptation/models/test_portable.py`.
"""

import json
import socket
import sys
from pathlib import Path

import pytest

from mnistm_da.viz.anonymous import traces
from report_page import page_of, saved_in


def test_the_committed_records_and_texts(root):
    shipped = ("src/mnistm_da/shipped/*.json", "src/mnistm_da/shipped/*.md")
    patterns = ("docs/**/*.json", *shipped, "**/[A-Z]*.md", "notebooks/*.ipynb")
    for path in (path for pattern in patterns for path in root.glob(pattern)):
        if not {".venv", "build", "data"} & set(path.relative_to(root).parts):
            text = path.read_text(encoding="utf-8").replace("](../docs/", "](docs/")  # a notebook's links
            assert traces(text, root, {}) == [], path


@pytest.fixture(scope="module")
def report(sample_run):
    return page_of(*saved_in(sample_run.folder)).html


def test_the_report_and_what_it_is_made_of(report, sample_run):
    files = [path for path in sample_run.folder.glob("data/sample/**/*.json") if path.is_file()]
    records = [path.read_text() for path in files if path.name.endswith(".lineage.json")]
    scores = [path.read_text() for path in files if not path.name.endswith(".lineage.json")]
    assert records
    assert scores
    home = {f"{Path.home()}/"} - {"//"}
    for text in (report, *records, *scores):
        for word in {str(sample_run.folder), sys.prefix, sys.base_prefix, *home, f'"{socket.gethostname()}"'}:
            assert word not in text, word
    for text in (*records, *scores):
        assert traces(json.dumps(json.loads(text)), sample_run.folder, {}) == []
