"""Which libraries a record names: those that compute, and not those that not everybody has."""

import tomllib
from importlib import metadata

from packaging.requirements import Requirement

from mnistm_da.lineage.trace import libraries


def test_libraries_of_extras_are_not_among_them(root):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    needed = {Requirement(line).name for line in project["dependencies"]}
    extras = {Requirement(line).name for lines in project["optional-dependencies"].values() for line in lines}
    found = libraries("mnistm_da")
    assert {"mnistm-da", "torch", "numpy"} <= found.keys()
    assert not found.keys() & (extras - needed - {"mnistm-da"})
    assert found["torch"] == metadata.version("torch")


def test_what_depends_on_the_python_is_read_from_the_marker(monkeypatch):
    lines = ["numpy>=2", 'torch; extra == "gpu"', "pandas; python_version < '3'", "kedro[x]>=1; python_version > '3'"]
    monkeypatch.setattr(metadata, "requires", lambda name: lines)
    assert libraries.__wrapped__("mnistm_da").keys() == {"mnistm-da", "numpy", "kedro"}
