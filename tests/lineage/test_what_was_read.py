"""A record holds what the run read from outside: told from the record alone, whatever lies there today."""

import shutil

import pytest
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DataCatalog, Version
from kedro.pipeline import Pipeline, node
from kedro.runner import SequentialRunner

from mnistm_da.datasets.artifacts import JSONDataset
from mnistm_da.datasets.raw import PictureFolder
from mnistm_da.lineage import records, versions
from mnistm_da.lineage.status import status
from mnistm_da.lineage.trace import RAW, TraceRun, ancestry

PACKAGE = "mnistm_da"


def read(pictures):
    return sorted(path.name for path in pictures.iterdir())


def count(names):
    return len(names)


PIPELINE = Pipeline([node(read, "pictures", "names", name="read"), node(count, "names", "number", name="count")])


@pytest.fixture
def folder(tmp_path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "a.png").write_bytes(b"1")
    return pictures


@pytest.fixture
def catalog(tmp_path, folder):
    def make(stamp="now", pictures=folder):
        made = DataCatalog({"pictures": PictureFolder(folder=str(pictures))})
        for name in ("names", "number"):
            made[name] = JSONDataset(filepath=str(tmp_path / f"{name}.json"), version=Version(None, stamp))
        return made

    return make


@pytest.fixture
def ran(catalog):
    hooks = _create_hook_manager()
    hooks.register(TraceRun(PACKAGE))
    SequentialRunner().run(PIPELINE, catalog("v1"), hooks)
    return PictureFolder(folder=str(catalog()["pictures"].place)).content()


def why(catalog):
    return {one.node: one.why for one in status(PIPELINE, catalog, PACKAGE)}


def test_the_chain_tells_the_content_of_then(ran, catalog, folder):
    (folder / "b.png").write_bytes(b"2")
    first, *_, last = versions.chain("number", "v1", catalog())
    assert first == ("pictures", RAW, {"content": ran, "place": str(folder)})
    assert last[0] == "number"
    shutil.rmtree(folder)
    assert versions.chain("number", "v1", catalog())[0] == first
    assert [name for name, *_ in ancestry("number", "v1", catalog())] == ["number", "names"]


def test_status_says_what_became_of_it(ran, catalog, folder, tmp_path):
    assert why(catalog()) == {"read": [], "count": []}
    (folder / "b.png").write_bytes(b"2")
    assert why(catalog())["read"] == ["raw data pictures changed"]
    other = shutil.copytree(folder, tmp_path / "other")
    assert why(catalog(pictures=other))["read"] == [f"raw data pictures changed: {folder} → {other}"]
    shutil.rmtree(folder)
    assert why(catalog())["read"] == [f"raw data pictures is gone: {folder}"]
    elsewhere = f"raw data pictures is gone: {folder} (it would be read from {other} now)"
    assert why(catalog(pictures=other))["read"] == [elsewhere]


def test_the_same_pictures_in_another_folder_are_the_same(ran, catalog, folder, tmp_path):
    folder.rename(tmp_path / "other")
    assert why(catalog(pictures=tmp_path / "other")) == {"read": [], "count": []}


def test_the_record_names_no_place_of_what_says_none(ran, catalog):
    record = records.read(versions.folder_of("number", "v1", catalog()) / "number.json")
    assert set(record["inputs"]["names"]) == {"version", "content"}
