"""Results of another machine: which are taken over, how they differ, and which are refused."""

import json
import shutil

import pytest

from benchmark_parameters import PARAMETERS
from mnistm_da.datasets.folders import ResultsDataset
from mnistm_da.errors import UserError
from mnistm_da.lineage.trace import libraries
from mnistm_da.parameters import BenchmarkParams
from mnistm_da.pipelines.benchmark import foreign
from mnistm_da.pipelines.benchmark.merge import merge
from mnistm_da.pipelines.benchmark.names import depends_on, result_name
from mnistm_da.pipelines.benchmark.unit import code_of, unit_pipeline
from mnistm_da.pipelines.benchmark.work import PACKAGE, processor

DATA = {"source": 1, "raw_target_images": 1, "target_labels": 1, "photos": 1, "format": 1}


@pytest.fixture(scope="module")
def made_here():
    """What a result that is made here now says of how it was made."""
    code = code_of(unit_pipeline("source_only", DATA))
    return {
        "code": code,
        "data": DATA,
        "made_with": {"commit": "abc", "libraries": libraries(PACKAGE), "processor": processor("cpu")},
    }


@pytest.fixture
def result(made_here):
    """Give a whole result with this target test accuracy, a multiple of 0.1, by its name."""

    def make(seed=0, accuracy=0.5, **changes):
        scores = {"accuracy": accuracy, "confusion_matrix": [[round(10 * accuracy), 10 - round(10 * accuracy)], [0, 0]]}
        pick = {"epoch": 2, "target_test_accuracy": accuracy}
        whole = {
            "algorithm": "source_only",
            "seed": seed,
            "epochs": 2,
            "selection": "last",
            "picks": {"last": pick, "oracle": pick},
            "source_test": scores,
            "target_test": scores,
            "timing": {"device": "cpu (1 threads)", "seconds": 1.0},
            "parameters": depends_on("source_only", PARAMETERS),
        }
        return {result_name("source_only", seed, PARAMETERS): whole | made_here | changes}

    return make


@pytest.fixture
def merged(tmp_path):
    """Merge results that lie in a folder into those that are here."""

    def make(here, there):
        ResultsDataset(path=str(tmp_path / "there")).save(there)
        of = BenchmarkParams(algorithms="source_only", seeds="0", merge=str(tmp_path / "there"))
        added, table = merge(here, of, PARAMETERS)
        return added, table.to_dict("records")

    return make


def test_new_results_are_added_and_nothing_that_is_here_is_changed(result, merged, caplog):
    here, there = result(0) | result(1, 0.4), result(1, 0.4, timing={"device": "cpu", "seconds": 9.0}) | result(2, 0.3)
    with caplog.at_level("INFO"):
        added, rows = merged(here, there)
    assert added == result(2, 0.3)
    assert [(row["seed"], row["from"]) for row in rows] == [(0, "here"), (1, "both"), (2, "merged")]
    assert all(row["code"] == row["libraries"] == row["processor"] == "" for row in rows)
    assert "2 results in" in caplog.text
    assert "1 are new, 1 were here already, 0 conflict" in caplog.text


def test_results_of_another_pair_of_domains_are_refused_as_a_whole(result, merged):
    """But other photos are those of another version of a library, and older results do not tell their data."""
    older = {name: {key: of for key, of in one.items() if key != "data"} for name, one in result(3).items()}
    there = result(1, data=DATA | {"photos": 2}) | older
    assert merged(result(0), there)[0] == there
    with pytest.raises(UserError, match=r"source_only\.seed2\..* is of other images .* nothing was taken over"):
        merged(result(0), result(2, data=DATA | {"source": 2}))


def test_another_score_of_the_same_unit_is_named_on_both_sides_and_ours_is_kept(result, merged, caplog):
    added, rows = merged(result(0, 0.5), result(0, 0.6))
    assert added == {}
    assert [(row["from"], row["target_test"]) for row in rows] == [("conflict", 0.6), ("here", 0.5)]
    name = result_name("source_only", 0, PARAMETERS)
    assert f"{name}: target test 50.00 % here, 60.00 % in " in caplog.text


def test_what_was_made_with_other_code_libraries_or_processor_is_said(result, merged, made_here, caplog):
    with_processor = made_here["made_with"]
    others = result(0, code=made_here["code"] | {"registry.py": "0"})
    others |= result(1, made_with=with_processor | {"libraries": {"torch": "1.0", "pytest": "1"}})
    others |= result(2, made_with=with_processor | {"processor": processor("cpu") | {"machine": "abacus"}})
    others |= result(3, made_with={"commit": None, "libraries": {}})
    with caplog.at_level("INFO"):
        _, rows = merged({}, others)
    torch = libraries(PACKAGE)["torch"]
    assert rows[0]["code"] == "registry.py"
    assert rows[1]["libraries"] == f"torch 1.0, here {torch}"
    assert rows[2]["processor"].startswith("machine abacus, here ")
    assert rows[3]["processor"] in ("not told", "device cpu (1 threads), here " + processor("cpu")["device"])
    assert "1 of them were made with other code than here: source_only.seed0" in caplog.text
    assert "1 of them were made with other libraries than here: source_only.seed1" in caplog.text


def test_the_committed_results_are_whole(root):
    assert len(foreign.read(str(root / "docs/benchmark_runs"))) == len(list((root / "docs/benchmark_runs").iterdir()))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("{", "Expecting property name"),
        ("[]", "Input should be a valid dictionary"),
        ({"seed": 1}, "its algorithm, seed and parameters are those of source_only.seed1."),
        ({"parameters": {}}, "its algorithm, seed and parameters are those of source_only.seed0."),
        ({"picks": {}}, "there is no pick 'last'"),
        (
            {"target_test": {"accuracy": 0.9, "confusion_matrix": [[5, 5], [0, 0]]}},
            "target_test: the accuracy is not that",
        ),
        ({"source_test": {"accuracy": 2, "confusion_matrix": [[1]]}}, "source_test.accuracy: Input should be"),
    ],
    ids=str,
)
def test_a_file_that_is_no_whole_result_is_named_and_nothing_is_taken_over(result, tmp_path, change, said):
    [(name, whole)] = result(0).items()
    text = change if isinstance(change, str) else json.dumps(whole | change)
    (tmp_path / f"{name}.json").write_text(text)
    ResultsDataset(path=str(tmp_path)).save(result(3))
    with pytest.raises(UserError, match=r"benchmark.merge: 1 of the files in") as told:
        foreign.read(str(tmp_path))
    assert f"{name}.json: {said}" in str(told.value)


def test_a_folder_that_is_none_or_empty_is_refused(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    for name, said in (
        ("nowhere", "is no folder"),
        ("file", "is a file, no folder"),
        ("empty", "there is no result in"),
    ):
        with pytest.raises(UserError, match=said):
            foreign.read(str(tmp_path / name))


def test_without_a_folder_the_results_that_are_here_are_looked_at(result):
    added, table = merge(result(0), BenchmarkParams(algorithms="source_only", seeds="0"), PARAMETERS)
    assert added == {}
    assert list(table["from"]) == ["here"]
    assert merge({}, BenchmarkParams(algorithms="source_only", seeds="0"), PARAMETERS)[1].empty


def test_results_are_merged_by_the_command_line(project, root, kedro_here, tmp_path, monkeypatch):
    """By the node alone: nothing is trained, or read of the data. Only the workers of a cluster have the device."""
    monkeypatch.setenv("MNISTM_DATA_ROOT", str(tmp_path / "data"))
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    folder = tmp_path / "a folder, of another machine"
    folder.mkdir()
    for name in ("dann.seed1.6862b2b49192.json", "dann.seed2.6862b2b49192.json"):
        shutil.copy(root / "docs/float32_runs" / name, folder)
    params = f"--params=benchmark.merge={folder},benchmark.seeds=0 1,device=cuda,training.precision=float32"
    params += ",launcher=dask,launcher.scheduler=tcp://127.0.0.1:1"
    done = kedro_here("run", "--pipelines=benchmark", "--env=sample", "--nodes=merge_benchmark", params, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    there = tmp_path / "data/sample/08_reporting"
    assert {path.name for path in (there / "benchmark_runs").iterdir()} == {path.name for path in folder.iterdir()}
    assert list(there.glob("benchmark_origins.csv/*/benchmark_origins.csv"))
