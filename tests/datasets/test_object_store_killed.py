"""A version in an object store is whole or not there, wherever the process that saves it is killed."""

import signal
import subprocess
import sys
import textwrap
from contextlib import contextmanager

import numpy as np
import pytest
from kedro.io import DatasetError

from mnistm_da.datasets.artifacts import JSONDataset
from mnistm_da.datasets.tensors import EarlierStateDataset, StateDataset
from mnistm_da.storage import whole
from stored_artifacts import KINDS, make, names, objects


class Killed(BaseException):
    """The process is gone: nobody cleans up in the store."""


@contextmanager
def killed_after(uploads, monkeypatch):
    """Kill the process in a save, after so many uploads."""
    upload, done = whole._upload, []

    def upload_or_die(final, content):
        if len(done) == uploads:
            raise Killed
        done.append(final)
        upload(final, content)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(whole, "_upload", upload_or_die)
        yield


@pytest.mark.parametrize("uploads", [0, 1])
@pytest.mark.parametrize(("kind", "name", "data"), KINDS[:3])
def test_a_save_that_is_killed_is_no_version(kind, name, data, uploads, place, monkeypatch):
    """Before the record is uploaded, and between the record and the data."""
    make(kind, place, name).save(data)
    with killed_after(uploads, monkeypatch):
        make(kind, place, name, save="v2").save(data)
    left = [one for one in objects(place) if "/v2/" in one]
    assert left == [f"{name}/v2/{name}.lineage.json"][:uploads]
    later = make(kind, place, name, save="v3")
    assert later.resolve_load_version() == "v1"
    assert later.list_versions(full_path=False) == ["v1"]
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


@pytest.mark.parametrize("uploads", [0, 1])
def test_a_kill_in_the_last_save_of_a_state_leaves_a_state_without_a_record(uploads, place, monkeypatch):
    """The data come first: with the record first, the state before would look damaged."""
    state = make(StateDataset, place, "x.safetensors")
    state.save({"epoch": np.array(1)})
    with killed_after(uploads, monkeypatch):
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
