import errno
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from kedro.io import DatasetError, Version

from mnistm_da.datasets.artifacts import (
    HtmlDataset,
    JSONDataset,
    MarkdownDataset,
)
from mnistm_da.datasets.tensors import StateDataset, TensorsDataset
from mnistm_da.storage import whole
from stored_artifacts import ARRAYS, KINDS


def make(kind, folder, name, save="v1", load=None):
    return kind(filepath=str(folder / name), version=Version(load, save))


@pytest.mark.parametrize(("kind", "name", "data"), KINDS)
def test_a_save_leaves_one_whole_file(kind, name, data, tmp_path):
    make(kind, tmp_path, name).save(data)
    assert sorted(path.name for path in (tmp_path / name / "v1").iterdir()) == [name, f"{name}.lineage.json"]


@pytest.mark.parametrize(("kind", "name", "data"), KINDS)
@pytest.mark.parametrize("moment", ["_flush_to_disk", "write"])
def test_a_save_that_fails_leaves_the_version_before_as_the_newest(kind, name, data, moment, tmp_path, monkeypatch):
    make(kind, tmp_path, name, save="v1").save(data)
    before = (tmp_path / name / "v1" / name).read_bytes()

    def fail(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    if moment == "write":
        monkeypatch.setattr(kind.__mro__[2].save, "__wrapped__", fail)
    else:
        monkeypatch.setattr(whole, moment, fail)
    with pytest.raises(DatasetError, match=r"disk is full.*make room"):
        make(kind, tmp_path, name, save="v2").save(data)
    assert make(kind, tmp_path, name, save="v3").resolve_load_version() == "v1"
    assert [path.name for path in (tmp_path / name).iterdir()] == ["v1"]
    assert (tmp_path / name / "v1" / name).read_bytes() == before


@pytest.mark.parametrize("flushes", [0, 2])
def test_a_kill_in_the_last_save_of_a_state_leaves_a_state_without_a_record(flushes, tmp_path, monkeypatch):
    """Before its data get their name, and before the record does: else the state before would look damaged."""

    def die(path):
        if len(done) == flushes:
            raise KeyboardInterrupt
        done.append(path)

    done = []
    state = make(StateDataset, tmp_path, "x.safetensors")
    state.save({"epoch": np.array(1)})
    monkeypatch.setattr(whole, "_flush_to_disk", die)
    with pytest.raises(KeyboardInterrupt):
        state.save({"epoch": np.array(2), "finished": np.array(True)})
    assert make(StateDataset, tmp_path, "x.safetensors", save="v2").load()["epoch"] == (2 if flushes else 1)
    assert [path.name for path in (tmp_path / "x.safetensors" / "v1").iterdir()] == ["x.safetensors"]


def test_a_full_disk_is_explained(tmp_path):
    """A real one: the file-size limit of a child process makes its write fail as a full disk does."""
    code = f"""
        import resource, signal
        import numpy as np
        from kedro.io import Version
        from mnistm_da.datasets.tensors import StateDataset, TensorsDataset
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        path = {str(tmp_path / "x.safetensors")!r}
        TensorsDataset(filepath=path, version=Version(None, "v1")).save({{"a": np.zeros(10)}})
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        TensorsDataset(filepath=path, version=Version(None, "v2")).save({{"a": np.zeros(10**6)}})
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "DatasetError" in done.stderr
    assert [path.name for path in (tmp_path / "x.safetensors").iterdir()] == ["v1"]


def test_a_kill_in_the_middle_of_a_save_is_never_loaded(tmp_path):
    code = f"""
        import os, signal
        from pathlib import Path
        from kedro.io import Version
        from mnistm_da.storage import whole
        from mnistm_da.datasets.artifacts import JSONDataset
        whole._flush_to_disk = lambda path: os.kill(os.getpid(), signal.SIGKILL)
        JSONDataset(filepath={str(tmp_path / "x.json")!r}, version=Version(None, "v2")).save({{"a": 2}})
    """
    make(JSONDataset, tmp_path, "x.json", save="v1").save({"a": 1})
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert list((tmp_path / "x.json" / "v2").iterdir()), "the kill came before anything was written"
    assert make(JSONDataset, tmp_path, "x.json", save="v3").load() == {"a": 1}


def test_a_run_loads_what_it_saved_and_not_a_newer_version(tmp_path):
    mine = make(JSONDataset, tmp_path, "x.json", save="v1")
    mine.save({"run": "mine"})
    make(JSONDataset, tmp_path, "x.json", save="v2").save({"run": "another"})
    assert mine.load() == {"run": "mine"}
    assert make(JSONDataset, tmp_path, "x.json", save="v3").load() == {"run": "another"}
    assert make(JSONDataset, tmp_path, "x.json", save="v1", load="v2").load() == {"run": "another"}


def test_a_version_is_never_overwritten(tmp_path):
    make(JSONDataset, tmp_path, "x.json").save({"a": 1})
    with pytest.raises(DatasetError, match="must not exist"):
        make(JSONDataset, tmp_path, "x.json").save({"a": 2})
    assert make(JSONDataset, tmp_path, "x.json").load() == {"a": 1}


def test_a_folder_that_is_not_writable_is_explained(tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", fail)
    with pytest.raises(DatasetError, match=r"could not save .*x\.json.*not writable.*MNISTM_DATA_ROOT"):
        make(JSONDataset, tmp_path, "x.json").save({"a": 1})


@pytest.mark.parametrize(("kind", "name", "data"), KINDS)
def test_a_file_in_the_place_of_a_folder_is_explained(kind, name, data, tmp_path):
    (tmp_path / "data").touch()
    with pytest.raises(DatasetError, match=r"could not save .*a part of it is a file; .*MNISTM_DATA_ROOT"):
        make(kind, tmp_path / "data" / "sample", name).save(data)


@pytest.mark.parametrize("kind", [HtmlDataset, MarkdownDataset])
def test_text_is_utf_8_whatever_the_machine_takes(kind, tmp_path):
    dataset = kind(filepath=str(tmp_path / "text"))
    assert dataset._fs_open_args_load["encoding"] == dataset._fs_open_args_save["encoding"] == "utf-8"


def test_tensors_come_back_as_they_were(tmp_path):
    dataset = make(TensorsDataset, tmp_path, "x.safetensors")
    dataset.save({**ARRAYS, "transposed": ARRAYS["images"].T})
    loaded = dataset.load()
    assert sorted(loaded) == ["images", "labels", "transposed"]
    np.testing.assert_array_equal(loaded["transposed"], ARRAYS["images"].T)
    assert loaded["images"].dtype == np.uint8


def test_a_damaged_file_is_an_error_that_names_it(tmp_path):
    make(TensorsDataset, tmp_path, "x.safetensors").save(ARRAYS)
    path = tmp_path / "x.safetensors" / "v1" / "x.safetensors"
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(DatasetError, match=r"x\.safetensors"):
        make(TensorsDataset, tmp_path, "x.safetensors", save="v2").load()
