"""What tests of domains share."""

from pathlib import Path

import pytest

from own_folders import make_pair


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """Folders ``source`` and ``target`` of small pictures; see `make_pair`."""
    return make_pair(tmp_path)
