"""A search by a proxy and its hindsight on a real cluster of Dask: the records are those of a serial run."""

import pytest
from distributed import LocalCluster

from benchmark_here import DATA
from dask_parts import LOOPBACK, at
from made_up_pair import labels_of, made_up_pair
from mnistm_da.datasets.folders import States
from mnistm_da.parameters import LauncherParams
from mnistm_da.pipelines.tuning.afterwards import look_back, run_trials_again
from search_here import THESE, Place, records_in, run, table_of


@pytest.fixture
def on_dask():
    """Two workers with memory enough for torch."""
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        host=LOOPBACK,
        dashboard_address=f"{LOOPBACK}:0",
        memory_limit=None,
        silence_logs=50,
    ) as cluster:
        yield at(cluster, threads=1)


def test_trials_and_their_hindsight_are_those_of_a_serial_run(tmp_path, on_dask, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    found = {}
    for name, launcher in (("dask", on_dask), ("serial", LauncherParams())):
        folder = tmp_path / name
        tune, records = run(folder, launcher=launcher, score="proxy", pruner="none", at_once=2)
        table = table_of((folder, tune, records))
        again = hindsight(folder, launcher, tune, records, table)
        assert len(again) == len(records) == 2
        by_workers = again.keys() & records_in(folder).load().keys()  # in this process, the pipeline would save them
        assert by_workers == (again.keys() if name == "dask" else set())
        seen = look_back(table, records, again, None, {}, {}, THESE, tune)
        assert not list((folder / "runs_states").glob("*.safetensors")), "nothing is left under way"
        found[name] = (
            {key: of | {"seconds": None} for key, of in records.items()},
            {key: of | {"timing": None} for key, of in again.items()},
            list(seen["target_test_accuracy"]),
        )
    assert found["dask"] == found["serial"]


def hindsight(folder, launcher, tune, records, table):
    data = made_up_pair()
    data = {name: of for name, of in data.items() if name in DATA} | {"target_labels": labels_of(data)}
    place = Place(str(folder), tuple(sorted(DATA)))
    how = THESE, table, records, {}, tune, launcher
    results = {}
    for chunk, _ in run_trials_again({}, States(folder / "runs_states"), place, *how, **data):
        results |= chunk
    return results
