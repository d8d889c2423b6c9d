"""Versions in an object store: compared with checksums, found as soon as they are saved."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from kedro.io import DatasetError, Version
from upath import UPath

from mnistm_da.datasets.artifacts import FigureDataset, JSONDataset, ParquetDataset
from mnistm_da.datasets.folders import FailuresDataset, ResultsDataset, StatesDataset
from mnistm_da.datasets.tensors import StateDataset, TensorsDataset
from mnistm_da.lineage import leases, records
from mnistm_da.storage import files, whole
from mnistm_da.storage.errors import StoreError
from object_store import address
from stored_artifacts import ARRAYS, KINDS, make, names, objects


@pytest.mark.parametrize(("kind", "name", "data"), KINDS)
def test_what_is_saved_is_loaded_and_nothing_else_is_there(kind, name, data, place):
    dataset = make(kind, place, name)
    dataset.save(data)
    assert sorted(objects(place)) == [f"{name}/v1/{name}", f"{name}/v1/{name}.lineage.json"]
    record = records.read(place / name / "v1" / name)
    assert record["content"] == records.content_hash(place / name / "v1" / name)
    assert record["bytes"] == objects(place)[f"{name}/v1/{name}"]
    loaded = dataset.load()
    if kind is FigureDataset:
        assert loaded.startswith(b"\x89PNG")
    elif isinstance(data, pd.DataFrame):
        pd.testing.assert_frame_equal(loaded, data)
    elif kind is TensorsDataset:
        assert {key: array.tolist() for key, array in loaded.items()} == {k: a.tolist() for k, a in data.items()}
    else:
        assert loaded == data


@pytest.mark.parametrize(("kind", "name", "data"), KINDS)
def test_kedro_viz_can_show_it(kind, name, data, place):
    dataset = make(kind, place, name)
    dataset.save(data)
    if hasattr(dataset, "preview"):
        assert dataset.preview()
    if kind is ParquetDataset:
        assert dataset.preview(nrows=1)["data"] == [[1, "=x"]]


def test_nothing_stays_in_memory_or_on_the_disk(place, tmp_path, monkeypatch):
    from fsspec.implementations.memory import MemoryFileSystem

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    before = {key for key in MemoryFileSystem.store if str(place.path) not in key}
    make(TensorsDataset, place, "x.safetensors").save(ARRAYS)
    make(TensorsDataset, place, "x.safetensors", save="v2").load()
    assert {key for key in MemoryFileSystem.store if str(place.path) not in key} == before
    assert list(tmp_path.rglob("*")) == []


def test_damage_is_found_on_load_and_the_cure_named(place):
    for version, value in (("v1", 1), ("v2", 2)):
        make(JSONDataset, place, save=version).save({"a": value})
    damaged = place / "x.json" / "v2" / "x.json"
    damaged.write_text('{"a": 3}')
    with pytest.raises(DatasetError, match=r"v2/x\.json is damaged.*--only-stale.*delete .*x\.json/v2") as error:
        make(JSONDataset, place, save="v3").load()
    assert str(place) in str(error.value)
    files.delete(damaged.parent)
    assert make(JSONDataset, place, save="v3").load() == {"a": 1}


def test_a_version_is_never_overwritten(place):
    make(JSONDataset, place).save({"a": 1})
    with pytest.raises(DatasetError, match="must not exist"):
        make(JSONDataset, place).save({"a": 2})
    assert make(JSONDataset, place).load() == {"a": 1}


def test_what_others_save_and_delete_is_seen_at_once(place):
    """A listing that fsspec keeps would hide it."""
    mine = make(JSONDataset, place, save="v9")
    assert not mine.exists()
    make(JSONDataset, place).save({"a": 1})
    assert mine.exists()
    other = type(place)(str(place), **place.storage_options, skip_instance_cache=True).fs
    for name in objects(place):
        content = other.cat_file((place / name).path)
        other.pipe_file((place / name.replace("v1", "v2")).path, content)
    mine.release()
    assert mine.list_versions(full_path=False) == ["v2", "v1"]
    other.rm_file((place / "x.json" / "v2" / "x.json").path)
    mine.release()
    assert mine.resolve_load_version() == "v1"


def test_a_run_reads_of_its_own_outputs_only_what_it_saved_itself(place):
    make(JSONDataset, place, save="v2").save({"run": "another"})
    mine = make(JSONDataset, place, save="v1")
    mine.save({"run": "mine"})
    mine.made_by_this_run = True
    assert mine.load() == {"run": "mine"}
    files.delete(place / "x.json" / "v1")
    with pytest.raises(DatasetError, match=r"v1/x\.json is gone: this run saved it"):
        mine.load()


def test_records_and_states_of_a_benchmark(place, monkeypatch):
    path, credentials = address(place / "runs"), dict(place.storage_options)
    store = ResultsDataset(path=path, credentials=credentials)
    states = StatesDataset(path=path, credentials=credentials).load()
    failures = FailuresDataset(path=path, credentials=credentials)
    assert (store.load(), states.names(), states.load("dann.seed0")) == ({}, [], None)
    store.save({"dann.seed0.x": {"score": 1}})
    states.save("dann.seed0", {"weights": np.arange(3)[::-1]})
    store.save({"dann.seed0.x": {"score": 2}})  # of another process that made the same
    assert store.load() == {"dann.seed0.x": {"score": 1}}
    monkeypatch.setattr(files, "AT_ONCE", 2)
    more = {f"dann.seed{seed}.[y]": {"score": seed} for seed in range(3, 6)}
    store.save(more)
    assert list(store.load().items()) == [("dann.seed0.x", {"score": 1}), *more.items()]
    for name in more:
        files.delete(place / "runs" / f"{name}.json")
    assert (store.one("dann.seed0.x"), store.one("dann.seed1.x")) == ({"score": 1}, None)
    failures.save({"dann.seed1": "Traceback\nValueError: ä"})
    assert failures.load() == {"dann.seed1": "Traceback\nValueError: ä"}
    failures.save({"dann.seed1": None})
    failures.save({"dann.seed1": None})
    assert failures.load() == {}
    assert states.names() == ["dann.seed0"]
    assert states.load("dann.seed0")["weights"].tolist() == [2, 1, 0]
    states.remove("dann.seed0")
    states.remove("dann.seed0")
    assert names(place) == ["dann.seed0.x.json"]
    (place / "runs" / "b.json").write_text("{")
    with pytest.raises(DatasetError, match=r"b\.json is damaged .* delete it"):
        store.load()


def test_a_store_that_refuses_is_no_store_without_versions(place, monkeypatch):
    """Else everything would be made again."""
    make(JSONDataset, place).save({"a": 1})

    def refuse(*args, **kwargs):
        raise PermissionError("Forbidden")

    monkeypatch.setattr(type(place.fs), "find", refuse)
    for use in (make(JSONDataset, place, save="v2").resolve_load_version, lambda: files.below(place)):
        with pytest.raises(StoreError, match=r"refuses the credentials.*Forbidden.*conf/local/credentials\.yml"):
            use()


def test_a_read_that_fails_does_not_make_what_is_saved_damaged_or_gone(place, monkeypatch):
    """Else the cure that is told would delete good work, and prune what a run under way still needs."""
    make(JSONDataset, place).save({"a": 1})
    path, credentials = address(place / "states"), dict(place.storage_options)
    states = StatesDataset(path=path, credentials=credentials).load()
    states.save("dann.seed0", {"weights": np.arange(3)})
    state = make(StateDataset, place, "state.safetensors")
    state.save({"weights": np.arange(3)})
    lease = leases.write(place, leases.mine("v1"))
    assert leases.running(place) == {"v1"}

    def fail(*args, **kwargs):
        raise ConnectionError("reset by peer")

    monkeypatch.setattr(place.fs, "cat_file", fail)
    for use in (
        lambda: records.read(place / "x.json" / "v1" / "x.json"),
        lambda: states.load("dann.seed0"),
        lambda: leases.running(place),
        lambda: leases.left_over(place),
    ):
        with pytest.raises(StoreError, match=r"cannot be reached \(reset by peer\)"):
            use()
    with pytest.raises(DatasetError, match="reset by peer") as raised:
        state.load()
    assert "damaged" not in str(raised.value)
    files.delete(lease)


def test_a_store_that_takes_nothing_is_told(s3):
    nowhere = UPath("s3://nobucket/x.json", **s3.credentials)
    with pytest.raises(StoreError, match=r"x\.json cannot be used: there is no bucket 'nobucket'"):
        whole._upload(nowhere, b"1")


def test_a_disk_is_no_store(tmp_path):
    assert files.is_local(Path(tmp_path))
    path = tmp_path / "x.json"
    dataset = JSONDataset(filepath=f"file://{path}", version=Version(None, "v1"))
    dataset.save([1])
    assert sorted(one.name for one in (path / "v1").iterdir()) == ["x.json", "x.json.lineage.json"]
    assert dataset.load() == [1]
