"""Versions in an object store: whole or not there, compared with checksums, found as soon as they are saved."""

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from kedro.io import DatasetError, Version
from matplotlib.figure import Figure
from upath import UPath

from mnistm_da.datasets.artifacts import BytesDataset, CSVDataset, FigureDataset, JSONDataset, ParquetDataset
from mnistm_da.datasets.folders import FailuresDataset, ResultsDataset, StatesDataset
from mnistm_da.datasets.tensors import EarlierStateDataset, StateDataset, TensorsDataset
from mnistm_da.lineage import records
from mnistm_da.storage import files, whole
from mnistm_da.storage.errors import StoreError
from object_store import address

TABLE = pd.DataFrame({"a": [1, 2], "b": ["=x", "y"]})
ARRAYS = {"images": np.arange(12, dtype=np.uint8).reshape(3, 4), "labels": np.array([1, 2, 3])}
KINDS = [
    (TensorsDataset, "x.safetensors", ARRAYS),
    (JSONDataset, "x.json", {"accuracy": 0.5}),
    (CSVDataset, "x.csv", TABLE),
    (ParquetDataset, "x.parquet", TABLE),
    (BytesDataset, "x.onnx", b"\0\1"),
    (FigureDataset, "x.png", Figure()),
]


class Killed(BaseException):
    """The process is gone: nobody cleans up in the store."""


def make(kind, place, name="x.json", save="v1", load=None):
    return kind(filepath=address(place / name), version=Version(load, save), credentials=dict(place.storage_options))


def objects(place):
    return {str(file.path.relative_to(place)): file.bytes for file in files.below(place)}


def names(place):
    return sorted(name.rpartition("/")[2] for name in objects(place))


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


@pytest.mark.parametrize("uploads", [0, 1])
@pytest.mark.parametrize(("kind", "name", "data"), KINDS[:3])
def test_a_save_that_is_killed_is_no_version(kind, name, data, uploads, place, monkeypatch):
    """Before the record is uploaded, and between the record and the data."""
    make(kind, place, name).save(data)
    upload, done = whole._upload, []

    def upload_or_die(final, content):
        if len(done) == uploads:
            raise Killed
        done.append(final)
        upload(final, content)

    monkeypatch.setattr(whole, "_upload", upload_or_die)
    with pytest.raises(Killed):
        make(kind, place, name, save="v2").save(data)
    left = [one for one in objects(place) if "/v2/" in one]
    assert left == [f"{name}/v2/{name}.lineage.json"][:uploads]
    later = make(kind, place, name, save="v3")
    assert later.resolve_load_version() == "v1"
    assert later.list_versions(full_path=False) == ["v1"]
    monkeypatch.setattr(whole, "_upload", upload)
    make(kind, place, name, save="v2").save(data)
    assert make(kind, place, name).list_versions(full_path=False) == ["v2", "v1"]


def test_a_writer_that_fails_publishes_nothing(place):
    with pytest.raises(DatasetError, match="not JSON serializable"):
        make(JSONDataset, place).save({"first": "is written", "then": object()})
    assert objects(place) == {}


def test_a_kill_in_the_middle_of_an_upload_is_never_loaded(s3, tmp_path):
    """A process that dies with half of an object sent."""
    place = s3.place(tmp_path.name)
    make(JSONDataset, place).save({"a": 1})
    code = f"""
        import os, signal, socket
        from kedro.io import Version
        from mnistm_da.datasets.artifacts import JSONDataset
        from mnistm_da.storage import whole

        def send_half(final, content):
            if final.name == "x.json.lineage.json":
                return upload(final, content)
            host, _, port = {s3.address!r}.removeprefix("http://").partition(":")
            connection = socket.create_connection((host, int(port)))
            head = f"PUT /{{final.path}} HTTP/1.1\\r\\nHost: {{host}}\\r\\nContent-Length: {{len(content)}}\\r\\n\\r\\n"
            connection.sendall(head.encode() + content[: len(content) // 2])
            os.kill(os.getpid(), signal.SIGKILL)

        upload, whole._upload = whole._upload, send_half
        path, credentials = {str(place / "x.json")!r}, {dict(place.storage_options)!r}
        JSONDataset(filepath=path, version=Version(None, "v2"), credentials=credentials).save({{"a": 2}})
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert [name for name in objects(place) if "/v2/" in name] == ["x.json/v2/x.json.lineage.json"]
    assert make(JSONDataset, place, save="v3").load() == {"a": 1}


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


@pytest.mark.parametrize("uploads", [0, 1])
def test_a_kill_in_the_last_save_of_a_state_leaves_a_state_without_a_record(uploads, place, monkeypatch):
    """The data come first: with the record first, the state before would look damaged."""
    upload, done = whole._upload, []

    def upload_or_die(final, content):
        if len(done) == uploads:
            raise Killed
        done.append(final)
        upload(final, content)

    state = make(StateDataset, place, "x.safetensors")
    state.save({"epoch": np.array(1)})
    monkeypatch.setattr(whole, "_upload", upload_or_die)
    with pytest.raises(Killed):
        state.save({"epoch": np.array(2), "finished": np.array(True)})
    assert make(EarlierStateDataset, place, "x.safetensors", save="v2").load()()["epoch"] == 1 + uploads
    assert names(place) == ["x.safetensors"]


def test_a_training_goes_on_from_its_last_whole_state(place, monkeypatch):
    state = make(StateDataset, place, "x.safetensors")
    state.save({"epoch": np.array(1)})
    state.save({"epoch": np.array(2)})
    monkeypatch.setattr(whole, "_upload", lambda *_: (_ for _ in ()).throw(Killed))
    with pytest.raises(Killed):
        state.save({"epoch": np.array(3)})
    earlier = make(EarlierStateDataset, place, "x.safetensors", save="v2").load()
    assert earlier()["epoch"] == 2
    assert make(EarlierStateDataset, place, "y.safetensors").load()() is None
    assert names(place) == ["x.safetensors"], "the record of what is not finished"


def test_records_and_states_of_a_benchmark(place):
    path, credentials = address(place / "runs"), dict(place.storage_options)
    store = ResultsDataset(path=path, credentials=credentials)
    states = StatesDataset(path=path, credentials=credentials).load()
    failures = FailuresDataset(path=path, credentials=credentials)
    assert (store.load(), states.names(), states.load("dann.seed0")) == ({}, [], None)
    store.save({"dann.seed0.x": {"score": 1}})
    states.save("dann.seed0", {"weights": np.arange(3)[::-1]})
    store.save({"dann.seed0.x": {"score": 2}})  # of another process that made the same
    assert store.load() == {"dann.seed0.x": {"score": 1}}
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
