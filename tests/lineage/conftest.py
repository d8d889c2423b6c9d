from pathlib import Path

import pytest

import mnistm_da
from mnistm_da.hooks.project import PACKAGE
from mnistm_da.lineage import code
from small_project import SmallProject

FOLDER = Path(mnistm_da.__file__).parent
MODULES = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.py")}


@pytest.fixture
def project(tmp_path):
    return SmallProject(tmp_path)


@pytest.fixture
def change(monkeypatch):
    """Change modules, as fingerprints read them, in place of those changed before."""
    real, changed = code._read, set()

    def read(path, name, package):
        found = real(path, name, package)
        return found._replace(content="changed") if code._relative(path, PACKAGE) in changed else found

    def only(*paths):
        assert {*paths} <= MODULES
        changed.clear()
        changed.update(paths)

    monkeypatch.setattr(code, "_read", read)
    return only
