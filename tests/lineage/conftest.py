import pytest

from small_project import SmallProject


@pytest.fixture
def project(tmp_path):
    return SmallProject(tmp_path)
