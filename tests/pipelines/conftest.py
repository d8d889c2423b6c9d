"""What tests of several files begin with: made-up domains, and a search that is made once."""

import pytest

from benchmark_here import made_up
from mnistm_da import launchers
from search_here import faulty, run


@pytest.fixture(scope="package")
def searched(tmp_path_factory):
    """A search of three trials by IM, of which the last one failed."""
    folder = tmp_path_factory.mktemp("searched")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(launchers.LAUNCHERS, "faulty", faulty)
        return folder, *run(folder, launcher="faulty", trials=3, at_once=1)


@pytest.fixture
def domains():
    return made_up()
