"""A page of the shared run and a made-up benchmark, which the tests only read.

This folder is a package, so that this file is not taken for the tests' other conftest.
"""

import pytest

from report_page import BENCHMARK, DIFFERENCES, as_saved, page_of, png, saved_in


@pytest.fixture(scope="session")
def saved(sample_run):
    data, runs = saved_in(sample_run.folder)
    compared = {"benchmark_differences": as_saved(DIFFERENCES), "benchmark_ranks": as_saved(png())}
    return data | {"benchmark": as_saved(BENCHMARK)} | compared, runs


@pytest.fixture(scope="session")
def page(saved):
    return page_of(*saved)


@pytest.fixture(scope="session")
def parts(saved):
    """The saved data and the saved results of dann, loaded."""
    data, runs = saved
    return {name: part.load() for name, part in (data | runs["dann"]).items()}
