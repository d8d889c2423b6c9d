"""Tables of the documentation that are made of results: `make tables` changes none of those that are committed."""

import json
import shutil

import pytest

from mnistm_da.adaptation.measures.estimate_errors import Checked
from mnistm_da.configuration import ARGUMENTS, Configuration
from mnistm_da.errors import UserError
from mnistm_da.pipelines.benchmark.names import result_name
from website import results, tables

PAGES = ("algorithms", "statistics", "validators", "estimates", "own_pictures")


@pytest.fixture
def copied(root, tmp_path, monkeypatch):
    """A copy of what `make tables` reads and writes, as the current folder."""
    for name in ("conf/base", "docs/benchmark_runs"):
        shutil.copytree(root / name, tmp_path / name)
    for name in [*(f"docs/{page}.md" for page in PAGES), tables.ERRORS]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    forget()
    yield tmp_path
    forget()


def forget():
    results.records.cache_clear()
    results.results.cache_clear()


def test_the_committed_tables_are_those_of_the_committed_results(root, copied):
    tables.write()
    for name in [*(f"docs/{page}.md" for page in PAGES), tables.ERRORS]:
        assert (copied / name).read_text(encoding="utf-8") == (root / name).read_text(encoding="utf-8"), name


def test_a_new_result_takes_the_place_of_those_in_another_precision(copied, tmp_path):
    [old] = (copied / "docs/benchmark_runs").glob("afn.*.json")
    record = json.loads(old.read_text(encoding="utf-8"))
    old.unlink()
    other = record["parameters"]["training"] | {"precision": "float32"}
    in_float32 = record | {"parameters": record["parameters"] | {"training": other}}
    name = named("afn", in_float32)
    (copied / f"docs/benchmark_runs/{name}.json").write_text(json.dumps(in_float32), encoding="utf-8")
    new = tmp_path / "new"
    new.mkdir()
    (new / old.name).write_text(json.dumps(record), encoding="utf-8")
    (new / "afn.seed0.0123456789ab.json").write_text(json.dumps(record), encoding="utf-8")  # of other parameters
    before = {path.name for path in (copied / "docs/benchmark_runs").iterdir()} - {f"{name}.json"}
    assert tables.take_over(new) == [old.stem]
    assert {path.name for path in (copied / "docs/benchmark_runs").iterdir()} == before | {old.name}


def test_a_folder_without_such_results_is_refused(copied, tmp_path):
    before = sorted((copied / "docs/benchmark_runs").iterdir())
    with pytest.raises(UserError, match="has no result of the default parameters"):
        tables.take_over(tmp_path / "mistyped")
    assert sorted((copied / "docs/benchmark_runs").iterdir()) == before


def named(algorithm, record):
    """The name of a result of the default parameters, in its own precision."""
    parameters = Configuration("conf", env="base", **ARGUMENTS)["parameters"]
    precision = {"precision": record["parameters"]["training"]["precision"]}
    return result_name(algorithm, record["seed"], parameters | {"training": parameters["training"] | precision})


def test_errors_of_other_pairs_stay_and_those_of_few_labels_are_none():
    other = Checked("a", "b", "dann", 0, 0.5, 0.5, 0.5)
    stale = Checked("MNIST", "MNIST-M", "dann", 0, 0.5, 0.5, 0.5)
    scores = {"seed": 0, "target_test": {"accuracy": 0.9}, "estimated_accuracy": {"atc": 0.8, "doc": 0.7}}
    new = [scores | {"algorithm": name} for name in ("dann_few_labels", "mmd", "source_only")]
    found = tables.with_errors_of([other, stale], [*new, {"algorithm": "vada", "seed": 0}])
    assert [(run.algorithm, run.source) for run in found] == [("source_only", "MNIST"), ("mmd", "MNIST"), ("dann", "a")]


@pytest.mark.parametrize("text", ["no table\n", "| a |\n|---|\n\n| a |\n|---|\n"])
def test_a_table_takes_the_place_of_one_alone(text):
    table = "| a |\n|---|\n| 1 |\n"
    assert tables.with_table("x\n| a |\n|---|\n| 0 |\n| 2 |\ny\n", table) == f"x\n{table}y\n"
    with pytest.raises(ValueError, match="should be there once"):
        tables.with_table(text, table)
