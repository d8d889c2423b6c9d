import json
import pickle
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from kedro.io import DataCatalog, DatasetError, MemoryDataset
from pydantic import ValidationError

from benchmark_parameters import PARAMETERS
from mnistm_da import launchers
from mnistm_da.adaptation.measures.validators import VALIDATORS
from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.datasets.folders import FailuresDataset, ResultsDataset, StatesDataset
from mnistm_da.domains.format import DIGITS
from mnistm_da.errors import UserError
from mnistm_da.lineage.trace import commit
from mnistm_da.parameters import BenchmarkParams, LauncherParams
from mnistm_da.pipeline_registry import register_pipelines
from mnistm_da.pipelines.benchmark.names import depends_on, result_name
from mnistm_da.pipelines.benchmark.nodes import run_missing
from mnistm_da.pipelines.benchmark.table import tabulate
from mnistm_da.pipelines.benchmark.unit import unit_pipeline
from mnistm_da.pipelines.benchmark.work import Storage, Work
from mnistm_da.viz.anonymous import traces

PIPELINES = register_pipelines()
DATA = {"source", "raw_target_images", "target_labels", "photos", "format"}


@pytest.fixture
def domains():
    return made_up()


def made_up():
    rng = np.random.default_rng(0)
    source, photos = {}, {}
    for part, count in (("train", 124), ("test", 60)):
        labels = np.arange(count) % 10
        images = np.zeros((count, 1, 28, 28), dtype=np.uint8)
        images[np.arange(count), 0, 4 + 2 * labels] = 255
        source |= {f"{part}_images": images, f"{part}_labels": labels.astype(np.int64)}
        photos[f"{part}_pixels"] = rng.integers(0, 256, 3 * 40 * 50, dtype=np.uint8)
        photos[f"{part}_shapes"] = np.array([[40, 50]])
    target = {name: array for name, array in source.items() if "images" in name} | {"format": DIGITS}
    labels = {name: array for name, array in source.items() if "labels" in name}
    return source, target, labels, photos


class Stopped(BaseException):
    """As Ctrl-C in the middle of a training."""


def as_data(domains):
    """Give the datasets that every unit begins with, by name."""
    names = ("source", "raw_target_images", "target_labels", "photos")
    return dict(zip(names, domains, strict=True)) | {"format": DIGITS.model_dump()}


@dataclass(frozen=True)
class Place:
    """Finds the same made-up data again, in whatever process, as a `Workplace` does those of a project."""

    folder: str
    is_lost: bool = False
    data: tuple[str, ...] = tuple(sorted(DATA))

    def catalog(self):
        if self.is_lost:
            raise DatasetError("no such version of source")
        stores = {"stopped_runs": states_in(Path(self.folder)), "benchmark_runs": store_in(Path(self.folder))}
        return DataCatalog({name: MemoryDataset(value) for name, value in as_data(made_up()).items()} | stores)


def store_in(folder):
    return ResultsDataset(path=str(folder / "runs"))


def states_in(folder):
    return StatesDataset(path=str(folder / "states"))


def run(folder, domains, of, records=None, epochs=None, parameters=PARAMETERS):
    """Run a benchmark in a folder as its pipeline does, stopped after so many records or epochs; give these."""
    store, states = store_in(folder), states_in(folder).load()
    save, saved = states.save, []

    def save_and_stop(name, state):
        save(name, state)
        saved.append(name)
        if len(saved) == epochs:
            raise Stopped

    states.save = save_and_stop
    data = as_data(domains)
    with suppress(Stopped):
        place = Place(str(folder))
        chunks = run_missing(store.load(), states, place, parameters, of, LauncherParams(), **data)
        for chunk, _ in islice(chunks, records and records + 1):  # the first is empty
            store.save(chunk)
    return store.load(), states.names()


def test_every_run_is_made_once_and_tabulated(domains, tmp_path):
    of = BenchmarkParams(algorithms="source_only dann", seeds="0 1")
    first, left = run(tmp_path, domains, of, records=1)
    assert [name.rsplit(".", 1)[0] for name in first] == ["source_only.seed0"]
    assert left == list(first), "killed between record and removal"
    records, states = run(tmp_path, domains, of)
    assert len(records) == 4
    assert records.items() >= first.items()
    assert states == []
    assert run(tmp_path, domains, of) == (records, [])
    assert all(record["parameters"]["training"]["batch_size"] == 16 for record in records.values())
    for record in records.values():
        assert record["judged"]["epoch"] == [1, 2]
        assert record["judged"]["target_test_accuracy"][1] == record["target_test"]["accuracy"]
        assert set(record["judged"]) == {"epoch", "target_test_accuracy", *VALIDATORS}
        assert record["made_with"]["libraries"]["torch"] == version("torch")
        assert record["made_with"]["commit"] == commit()
    assert traces(json.dumps(records), tmp_path, {}) == []  # they are published
    table = tabulate(records, PARAMETERS)
    assert list(table["algorithm"]) == ["source_only", "dann"]
    assert list(table["seeds"]) == [2, 2]
    found = [record["target_test"]["accuracy"] for record in records.values() if record["algorithm"] == "dann"]
    assert table["last"][1] == pytest.approx(np.mean(found))
    assert table["last_deviation"][1] == pytest.approx(np.std(found, ddof=1))


@pytest.mark.parametrize("epochs", [1, 2])
def test_a_stopped_run_goes_on_to_the_same_scores(domains, tmp_path, caplog, epochs):
    of = BenchmarkParams(algorithms="dann", seeds="0")
    [whole] = run(tmp_path / "whole", domains, of)[0].values()
    records, states = run(tmp_path, domains, of, epochs=epochs)
    assert records == {}
    assert states == [result_name("dann", 0, PARAMETERS)]
    with caplog.at_level("INFO"):
        [continued] = run(tmp_path, domains, of)[0].values()
    assert f"going on after epoch {epochs}" in caplog.text
    assert whole | {"timing": None} == continued | {"timing": None}
    assert len(continued["timing"]["epochs"]) == 2


def test_more_labels_than_there_are_images_are_refused_before_anything_is_trained(domains, tmp_path):
    parameters = PARAMETERS | {"dann_few_labels": {}, "few_labels": {"per_class": 13}}
    of = BenchmarkParams(algorithms="source_only dann_few_labels", seeds="0")
    with pytest.raises(ValueError, match="13"):
        run(tmp_path, domains, of, parameters=parameters)
    assert not list(tmp_path.iterdir())


def test_a_run_stopped_with_other_photos_begins_anew(domains, tmp_path, caplog):
    of = BenchmarkParams(algorithms="dann", seeds="0")
    *others, photos = domains
    run(tmp_path, (*others, photos | {"train_pixels": photos["train_pixels"][::-1]}), of, epochs=1)
    [anew] = run(tmp_path, domains, of)[0].values()
    assert "its code or data were others" in caplog.text
    [whole] = run(tmp_path / "whole", domains, of)[0].values()
    assert whole | {"timing": None} == anew | {"timing": None}


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


def missing_in(folder, domains, of, parameters=PARAMETERS, **launcher):
    stores = store_in(folder).load(), states_in(folder).load(), Place(str(folder))
    return run_missing(*stores, parameters, of, LauncherParams(**launcher), **as_data(domains))


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
    its_own = {algorithm, ALGORITHMS[algorithm].starts_from} - {None}
    others = set(ALGORITHMS) - its_own
    assert not {node.namespace for node in unit.nodes} & others
    assert {name for name in unit.inputs() if not name.startswith("params:")} == DATA | {
        f"{name}.earlier_state" for name in its_own
    }
    parameters = PARAMETERS | {algorithm: {}, "few_labels": {}}
    read = {name.removeprefix("params:").partition(".")[0] for name in unit.inputs() if name.startswith("params:")}
    assert read - set(depends_on(algorithm, parameters)) == {"seed", "device", "resume", "titles"}


def test_a_record_of_other_data_is_kept_and_named(domains, tmp_path, caplog):
    of = BenchmarkParams(algorithms="source_only", seeds="0")
    made = run(tmp_path, domains, of)
    assert run(tmp_path, domains, of) == made
    assert "was made with other" not in caplog.text
    *others, photos = domains
    assert run(tmp_path, (*others, photos | {"train_pixels": photos["train_pixels"][::-1]}), of) == made
    assert "was made with other data (photos): delete that result" in caplog.text


def test_all_algorithms_have_a_name_together():
    assert BenchmarkParams(algorithms="all", seeds="0").algorithms == list(ALGORITHMS)


def test_mistakes_are_named():
    with pytest.raises(ValidationError, match="Did you mean 'dann'"):
        BenchmarkParams(algorithms="dan", seeds="0")
    with pytest.raises(ValidationError, match="seeds"):
        BenchmarkParams(algorithms="dann", seeds="zero")


def test_a_damaged_record_is_named(tmp_path):
    store = ResultsDataset(path=str(tmp_path))
    store.save({"a.seed0.x": {"score": 1}})
    assert json.loads((tmp_path / "a.seed0.x.json").read_text()) == {"score": 1}
    (tmp_path / "b.json").write_text("{")
    with pytest.raises(DatasetError, match=r"b\.json is damaged .* delete it"):
        store.load()


def test_a_damaged_state_is_named(tmp_path):
    store = StatesDataset(path=str(tmp_path))
    states = store.load()
    assert states.load("a.seed0.x") is None
    states.save("a.seed0.x", {"weights": np.arange(3)[::-1]})
    assert list(states.load("a.seed0.x")["weights"]) == [2, 1, 0]
    (tmp_path / "a.seed0.x.safetensors").write_bytes(b"half")
    with pytest.raises(DatasetError, match=r"a\.seed0\.x\.safetensors is damaged .* delete it"):
        states.load("a.seed0.x")
    states.remove("a.seed0.x")
    assert states.names() == []
    with pytest.raises(DatasetError, match="one by one"):
        store.save({})
