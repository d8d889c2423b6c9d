"""Results and states by name in a folder: damaged ones are named."""

import json

import numpy as np
import pytest
from kedro.io import DatasetError
from safetensors import numpy as safetensors

from mnistm_da.datasets import folders
from mnistm_da.datasets.folders import ResultsDataset, StatesDataset


def test_a_damaged_record_is_named(tmp_path):
    store = ResultsDataset(path=str(tmp_path))
    store.save({"a.seed0.x": {"score": 1}})
    assert json.loads((tmp_path / "a.seed0.x.json").read_text()) == {"score": 1}
    (tmp_path / "b.json").write_text("{")
    with pytest.raises(DatasetError, match=r"b\.json is damaged .* delete it"):
        store.load()


def test_half_a_character_in_a_traceback_is_read_as_it_was_written(tmp_path):
    store = ResultsDataset(path=str(tmp_path))
    store.save({"a": {"traceback": "a\udcff.png"}})
    assert store.load() == {"a": {"traceback": "a\udcff.png"}}


def test_a_preview_shows_the_first_results_and_counts_the_others(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "SHOWN", 2)
    store = ResultsDataset(path=str(tmp_path))
    store.save({f"a.seed{seed}": {"score": seed} for seed in range(2)})
    assert json.loads(store.preview()) == store.load()
    store.save({f"b.seed{seed}": {"score": seed} for seed in range(2)})
    assert json.loads(store.preview()) == {"a.seed0": {"score": 0}, "a.seed1": {"score": 1}, "…": "2 more"}


def test_a_damaged_state_is_named(tmp_path):
    store = StatesDataset(path=str(tmp_path))
    states = store.load()
    assert states.load("a.seed0.x") is None
    states.save("a.seed0.x", {"weights": np.arange(3)[::-1]})
    assert list(states.load("a.seed0.x")["weights"]) == [2, 1, 0]
    path = tmp_path / "a.seed0.x.safetensors"
    whole = path.read_bytes()
    last_bit = bytes([whole[-1] ^ 1])
    for damaged in (b"half", whole[:-1] + last_bit):
        path.write_bytes(damaged)
        with pytest.raises(DatasetError, match=r"a\.seed0\.x\.safetensors is damaged .* delete it"):
            states.load("a.seed0.x")


def test_a_state_of_an_earlier_version_has_no_checksum(tmp_path):
    (tmp_path / "a.seed0.x.safetensors").write_bytes(safetensors.save({"weights": np.arange(3)}))
    assert list(StatesDataset(path=str(tmp_path)).load().load("a.seed0.x")["weights"]) == [0, 1, 2]


def test_states_are_removed_and_never_saved_together(tmp_path):
    store = StatesDataset(path=str(tmp_path))
    states = store.load()
    states.save("a.seed0.x", {"weights": np.arange(3)})
    states.remove("a.seed0.x")
    assert states.names() == []
    with pytest.raises(DatasetError, match="one by one"):
        store.save({})
