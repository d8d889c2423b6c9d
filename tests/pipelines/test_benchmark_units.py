"""Units of a benchmark: sent by any launcher, failed, refused, and made of the registered pipelines."""

import pickle
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version

import pytest
from pydantic import ValidationError

from benchmark_here import DATA, Place, Stopped, as_data, missing_in, run, store_in
from benchmark_parameters import PARAMETERS
from mnistm_da import launchers
from mnistm_da.adaptation.registry import ALGORITHMS, trained_in_order
from mnistm_da.datasets.folders import FailuresDataset
from mnistm_da.errors import UserError
from mnistm_da.parameters import BenchmarkParams, LauncherParams
from mnistm_da.pipeline_registry import register_pipelines
from mnistm_da.pipelines.benchmark.names import depends_on, result_name
from mnistm_da.pipelines.benchmark.unit import unit_pipeline
from mnistm_da.pipelines.benchmark.work import Storage, Work

PIPELINES = register_pipelines()


def test_a_launcher_is_chosen_by_name_and_may_finish_units_in_any_order(domains, tmp_path, monkeypatch):
    """Elsewhere: what it is given can be sent to another process, as names and parameters."""

    def last_first(units, work, params):
        sent = pickle.dumps((units, work))
        assert len(sent) < 30_000
        units, work = pickle.loads(sent)
        assert work.storage is None
        assert work.misfits() == []
        for unit in reversed(units):
            yield unit, work(unit)

    monkeypatch.setitem(launchers.LAUNCHERS, "elsewhere", last_first)
    of = BenchmarkParams(algorithms="source_only", seeds="0 1")
    chunks = missing_in(tmp_path, domains, of, name="elsewhere")
    assert [record["seed"] for chunk, _ in chunks for record in chunk.values()] == [1, 0]
    records = store_in(tmp_path).load()  # saved by whoever made them
    here = run(tmp_path / "here", domains, of)[0]
    for name, record in here.items():
        assert record | {"timing": None} == records[name] | {"timing": None}
    with pytest.raises(ValidationError, match=r"no launcher 'elsewher'\. Did you mean 'elsewhere'"):
        LauncherParams(name="elsewher")


def test_units_that_failed_are_told_at_the_end_and_run_again(domains, tmp_path, monkeypatch):
    failures = FailuresDataset(path=str(tmp_path / "failures"))

    def half(units, work, params):
        for unit in units:
            yield unit, launchers.Failure("Traceback\nValueError: no") if unit.seed else work(unit)

    def run_and_save(name):
        for chunk, failed in missing_in(
            tmp_path, domains, BenchmarkParams(algorithms="source_only", seeds="0 1"), name=name
        ):
            store_in(tmp_path).save(chunk)
            failures.save(failed)

    monkeypatch.setitem(launchers.LAUNCHERS, "half", half)
    with pytest.raises(UserError, match=r"1 of 2 units failed[^\0]*source_only, seed 1: ValueError: no"):
        run_and_save("half")
    failed = result_name("source_only", 1, PARAMETERS)
    assert failures.load() == {failed: "Traceback\nValueError: no"}
    assert store_in(tmp_path).load().keys() == {result_name("source_only", 0, PARAMETERS)}
    run_and_save("here")
    assert failures.load() == {}
    assert failed in store_in(tmp_path).load()


def test_a_device_that_only_the_workers_have(domains, tmp_path, monkeypatch):
    """A login node of a cluster mostly has no GPU."""
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    sent = []

    def dask(units, work, params):
        sent.append((work.parameters["device"], params.resources))
        yield from ()

    monkeypatch.setitem(launchers.LAUNCHERS, "dask", dask)
    of, at = BenchmarkParams(algorithms="source_only", seeds="0"), {"name": "dask", "scheduler": "tcp://there:8786"}
    for precision in ("float32", "auto"):
        changed = PARAMETERS | {"device": "cuda:1", "training": PARAMETERS["training"] | {"precision": precision}}
        chunks = missing_in(tmp_path, domains, of, changed, **at)
        with (
            suppress(Stopped) if precision == "float32" else pytest.raises(UserError, match=r"name training\.precision")
        ):
            list(chunks)
    assert sent == [("cuda", {"GPU": 1.0})]
    list(missing_in(tmp_path, domains, of, **at))
    assert sent[1:] == [("cpu", {})]


def test_a_process_with_other_code_libraries_or_data_says_so(domains, tmp_path):
    data = as_data(domains)
    of_client = {"tracking": {"uri": "http://ann:secret@there"}, "launcher": {"tls_key": "key.pem"}}
    work = Work.of(PARAMETERS | of_client, Place(str(tmp_path)), Storage(data, None, None))
    assert not any(word in pickle.dumps(work) for word in (b"secret", b"key.pem"))
    others = [
        (replace(work, versions=work.versions | {"torch": "1.0"}), f"torch is {version('torch')} there and 1.0 here"),
        (replace(work, files=work.files | {"registry.py": "0"}), "its code of mnistm_da differs in registry.py"),
        (replace(work, checksums=work.checksums | {"photos": {}}), "its data 'photos' are others"),
        (replace(work, place=Place(str(tmp_path), is_lost=True)), "its storage cannot be read: no such version"),
    ]
    for other, said in others:
        [why] = other.misfits()
        assert why.startswith(said)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_unit_is_the_registered_pipeline_and_its_record_names_all_that_it_reads(algorithm):
    registered = {node.name: node for node in PIPELINES[algorithm].nodes}
    unit = unit_pipeline(algorithm, DATA)
    assert all(node == registered[node.name] for node in unit.nodes)
    its_own = set(trained_in_order(algorithm))
    others = set(ALGORITHMS) - its_own
    assert not {node.namespace for node in unit.nodes} & others
    assert {name for name in unit.inputs() if not name.startswith("params:")} == DATA | {
        f"{name}.earlier_state" for name in its_own
    }
    parameters = PARAMETERS | {name: {} for name in its_own} | {"few_labels": {}}
    read = {name.removeprefix("params:").partition(".")[0] for name in unit.inputs() if name.startswith("params:")}
    assert read - set(depends_on(algorithm, parameters)) == {"seed", "device", "resume", "titles"}
