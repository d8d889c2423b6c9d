"""A real browser. This folder is a package, so that this file is not taken for the tests' other conftest."""

import pytest

from website.browser import find, opened


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium; skipped where none is installed."""
    path = find()
    if not path:
        pytest.skip("no Chromium is installed: apt-get install chromium")
    with opened(path) as chromium:
        yield chromium
