"""Saved files in folders of any name, and who may read them."""

import os
import stat

import numpy as np
import pandas as pd
import pytest
from kedro.io import DatasetError, Version
from matplotlib.figure import Figure

from mnistm_da.datasets.artifacts import BytesDataset, FigureDataset, JSONDataset, ParquetDataset
from mnistm_da.datasets.folders import ResultsDataset, StatesDataset
from mnistm_da.datasets.tensors import EarlierStateDataset, StateDataset, TensorsDataset
from mnistm_da.lineage import records, versions

ARRAYS = {"images": np.arange(12, dtype=np.uint8), "labels": np.array([1, 2, 3])}
KINDS = [
    (TensorsDataset, "x.safetensors", ARRAYS),
    (JSONDataset, "x.json", {"accuracy": 0.5}),
    (ParquetDataset, "x.parquet", pd.DataFrame({"a": [1, 2]})),
    (FigureDataset, "x.png", Figure()),
    (BytesDataset, "x.onnx", b"1"),
]
NAMES = ["runs[1]", "runs[!x]", "runs[", "runs]", "runs*", "r**s", "runs?", "{runs}", "r ü #%20~", "a\\b"]


def make(kind, folder, name, save="now", load=None):
    return kind(filepath=str(folder / name), version=Version(load, save))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("kind", "file", "data"), KINDS)
def test_versions_are_found_whatever_their_folders_name(kind, file, data, name, tmp_path):
    make(kind, tmp_path / name / "in", file, save="v1").save(data)
    make(kind, tmp_path / name / "in", file, save="v2").save(data)
    later = make(kind, tmp_path / name / "in", file, save="v3")
    assert later.resolve_load_version() == "v2"
    assert versions.versions(later) == later.list_versions(full_path=False) == ["v2", "v1"]
    assert versions.versions(make(kind, tmp_path / name / "in", file, save="v3", load="v1")) == ["v2", "v1"]


@pytest.mark.parametrize("name", ["runs[1]", "runs?", "runs*"])
def test_a_folder_that_the_name_would_match_as_a_pattern_is_another_folder(name, tmp_path):
    kind, file, data = KINDS[1]
    make(kind, tmp_path / "runs1", file, save="v9").save(data)
    make(kind, tmp_path / name, file, save="v1").save(data)
    assert versions.versions(make(kind, tmp_path / name, file)) == ["v1"]


def test_a_training_goes_on_from_a_folder_of_any_name(tmp_path):
    path = str(tmp_path / "runs[1]" / "x.safetensors")
    state = EarlierStateDataset(filepath=path, version=Version(None, "v1"))
    assert state.load()() is None
    state.save(ARRAYS)
    assert sorted(EarlierStateDataset(filepath=path, version=Version(None, "v2")).load()()) == sorted(ARRAYS)


@pytest.mark.parametrize("finished", [True, False])
def test_a_training_of_other_code_is_not_gone_on_with(finished, tmp_path, caplog):
    """Its results would be said to be of today's code."""
    path, state = str(tmp_path / "x.safetensors"), ARRAYS | ({"finished": np.ones(1)} if finished else {})

    def made_from(code):
        records.making.set({"node": "dann.train", "code": code})
        return EarlierStateDataset(filepath=path, version=Version(None, "v2")).load()

    try:
        made_from({"loop.py": "1"})
        EarlierStateDataset(filepath=path, version=Version(None, "v1")).save(state)
        assert sorted(made_from({"loop.py": "1"})()) == sorted(state)
        assert sorted(StateDataset(filepath=path, version=Version("v1", None)).load()) == sorted(state)
        assert made_from({"loop.py": "2"})() is None
    finally:
        records.making.set(None)
    [warning] = caplog.messages
    assert "v1/x.safetensors was made by other code: the training begins anew" in warning


def test_the_state_of_a_stopped_training_is_verified(tmp_path):
    """It has no record with a hash yet."""
    path = tmp_path / "x.safetensors"
    EarlierStateDataset(filepath=str(path), version=Version(None, "v1")).save(ARRAYS)
    [file] = path.glob("v1/*.safetensors")
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    earlier = EarlierStateDataset(filepath=str(path), version=Version(None, "v2")).load()
    with pytest.raises(DatasetError, match=r"v1/x\.safetensors is damaged .* run without resume"):
        earlier()


@pytest.fixture(params=[0o022, 0o002, 0o077])
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def saved(folder):
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("kind", "file", "data"), KINDS)
def test_saved_files_have_the_permissions_that_the_umask_gives(kind, file, data, umask, tmp_path):
    for version in ("v1", "v2"):  # the second one shares the content of the first
        make(kind, tmp_path, file, save=version).save(data)
    assert saved(tmp_path) == dict.fromkeys([file, f"{file}.lineage.json"], 0o666 & ~umask)


def test_records_and_states_have_them_too(umask, tmp_path):
    ResultsDataset(path=str(tmp_path)).save({"one": {"accuracy": 0.5}})
    StatesDataset(path=str(tmp_path)).load().save("two", ARRAYS)
    assert saved(tmp_path) == dict.fromkeys(["one.json", "two.safetensors"], 0o666 & ~umask)


def test_another_users_version_that_may_not_be_changed_is_shared_all_the_same(tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError

    kind, file, data = KINDS[0]
    make(kind, tmp_path, file, save="v1").save(data)
    (tmp_path / file / "v1" / file).chmod(0o640)
    monkeypatch.setattr("pathlib.Path.chmod", refuse)
    make(kind, tmp_path, file, save="v2").save(data)
    assert len({path.stat().st_ino for path in (tmp_path / file).glob(f"*/{file}")}) == 1


@pytest.mark.parametrize(("kind", "file", "data"), KINDS)
def test_a_system_that_opens_no_folders_and_flushes_no_file_that_is_only_read(kind, file, data, tmp_path, monkeypatch):
    """As Windows does."""
    opened = os.open

    def open_file(path, flags, *more):
        if os.path.isdir(path):  # noqa: PTH112 - whatever it is
            raise PermissionError(13, "Permission denied")
        return opened(path, flags, *more)

    def flush(descriptor):
        os.write(descriptor, b"")  # refused where it was opened for reading only

    monkeypatch.setattr(os, "open", open_file)
    monkeypatch.setattr(os, "fsync", flush)
    make(kind, tmp_path, file, save="v1").save(data)
    assert versions.versions(make(kind, tmp_path, file)) == ["v1"]
