"""Every number in the README is from a committed result, and every file it names is there."""

import json
import re
from statistics import fmean, stdev

import numpy as np
import pytest

from mnistm_da.adaptation.registry import ALGORITHMS, algorithm_class
from mnistm_da.configuration import ARGUMENTS, Configuration
from mnistm_da.datasets.folders import ResultsDataset
from mnistm_da.pipelines.benchmark.names import made_with
from mnistm_da.pipelines.benchmark.table import per_algorithm

FIRST = ("source_only", "dann", "noisy_student", "champion", "target_only")
IN_BOTH = ("source_only", "dann", "target_only", "mmd", "cdan_e", "translation")


@pytest.fixture(scope="module")
def records(root):
    return ResultsDataset(path=str(root / "docs/benchmark_runs")).load()


@pytest.fixture(scope="module")
def parameters(root):
    return Configuration(str(root / "conf"), env="base", **ARGUMENTS)["parameters"]


@pytest.fixture(scope="module")
def table(records):
    return per_algorithm(records)


@pytest.fixture(scope="module")
def readme(root):
    return (root / "README.md").read_text(encoding="utf-8")


def precision_of(scores):
    return scores["parameters"]["training"]["precision"]


def last(scores):
    return 100 * scores["picks"]["last"]["target_test_accuracy"]


def written(row):
    spread = f" ± {100 * row['last_deviation']:.2f}" if row["seeds"] > 1 else ""
    return f"{100 * row['last']:.2f}{spread}"


def test_it_is_short(readme):
    assert len(readme.splitlines()) <= 120


def test_the_first_table_is_of_the_records(readme, records):
    for name in FIRST:
        found = {scores["seed"]: last(scores) for scores in records.values() if scores["algorithm"] == name}
        assert {precision_of(scores) for scores in records.values() if scores["algorithm"] == name} == {"bfloat16"}
        assert sorted(found) == [0, 1, 2, 3, 4]
        [line] = re.findall(rf"^\| `{name}`: .*\| ([^|]+) \|$", readme, re.MULTILINE)
        assert line.strip("* ") == f"{fmean(found.values()):.2f} ± {stdev(found.values()):.2f}"


def test_no_other_result_is_in_it(readme):
    """Rows of fewer seeds are in the table of all, where their intervals are."""
    named = re.findall(r"^\| `(\w+)`.*±.*\|$", readme, re.MULTILINE)
    assert named == ["source_only", "dann", "noisy_student", "champion", "target_only"]


def test_the_shipped_model_is_as_good_as_its_scores_say(root):
    scores = json.loads((root / "src/mnistm_da/shipped/champion.metrics.json").read_text(encoding="utf-8"))
    accuracy = f"{100 * scores['target_test']['accuracy']:.2f}"
    for page, told in (("README.md", f"Seed 0, {accuracy}, is the model"), ("docs/champion.md", f"**{accuracy}**")):
        assert told in (root / page).read_text(encoding="utf-8")


def test_the_line_on_the_sample_is_of_its_runs(readme, root):
    record = json.loads((root / "docs/sample_runs.json").read_text())
    runs = record["runs"]
    assert sorted((run["threads"], run["seed"]) for run in runs) == [(t, s) for t in (1, 2) for s in range(10)]
    source, dann = (np.array([run[name] for run in runs]) for name in ("source_only", "dann"))
    means = [f"{100 * of.mean():.1f} ± {100 * of.std(ddof=1):.1f} %" for of in (source, dann)]
    text = " ".join(readme.split())
    assert f"source-only reached {means[0]} and DANN {means[1]}" in text
    assert f"DANN always gained at least {100 * (dann - source).min():.1f} points" in text
    assert f"Over [20 runs](docs/sample_runs.json) in {record['precision']}," in text
    assert (dann - source).min() >= 0.2


def test_what_stands_beside_the_published_figures_is_of_the_records(root, table):
    text = (root / "docs/results.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", text.split("| algorithm | here | published |")[1], re.MULTILINE)
    told = dict(rows[: [name for name, _ in rows].index("coral") + 1])
    assert told == {row["algorithm"]: written(row) for row in table.to_dict("records") if row["algorithm"] in told}


def test_each_record_is_of_the_default_parameters_and_an_algorithm_of_one_precision(root, records, parameters):
    of_defaults, single = set(), {}
    for precision in ("bfloat16", "float32"):
        training = parameters["training"] | {"precision": precision}
        of_defaults |= made_with(records, parameters | {"training": training}).keys()
    for scores in records.values():
        assert single.setdefault(scores["algorithm"], precision_of(scores)) == precision_of(scores)
    assert records.keys() == of_defaults
    text = " ".join((root / "docs/algorithms.md").read_text(encoding="utf-8").split())
    assert {name for name, precision in single.items() if precision == "float32"} == {*filter(is_exact, single)}
    exact = listed([name for name in ALGORITHMS if name in single and is_exact(name)])
    assert f"{exact} are trained in float32 in any case" in text
    of_earlier_code = {one["algorithm"] for one in records.values() if "processor" not in one["made_with"]}
    told = listed([name for name in ALGORITHMS if name in of_earlier_code])
    assert f"The records of {told} are older than the others." in text


def is_exact(name):
    return algorithm_class(name).needs_exact_networks


def listed(names):
    *before, last_one = (f"`{name}`" for name in names)
    return f"{', '.join(before)} and {last_one}" if before else last_one


def test_how_often_intervals_hold_the_mean_is_what_the_page_says(root, capsys):
    page = (root / "docs/statistics.md").read_text(encoding="utf-8")
    [code] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(compile(code, "docs/statistics.md", "exec"), {})
    said = page.split("It prints\n\n")[1].split("\n\n")[0].splitlines()
    for line, printed in zip(said, capsys.readouterr().out.splitlines(), strict=True):
        one, other = (np.array(re.findall(r"(\d+) %", text), dtype=int) for text in (line, printed))
        assert one.shape == (3,)
        assert np.abs(one - other).max() <= 1  # another release of SciPy may draw other numbers


@pytest.mark.parametrize("page", ["README.md", "docs/algorithms.md"])
def test_every_algorithm_is_named(root, page):
    text = (root / page).read_text(encoding="utf-8")
    assert [name for name in ALGORITHMS if f"`{name}`" not in text] == []


PAGES = ["README.md", "CONTRIBUTING.md", "docs/install.md", "conf/README.md", "speed/README.md", "docs/algorithms.md"]
PAGES += ["docs/defaults.md", "docs/results.md", "docs/work_with_it.md", "docs/object_store.md"]
PAGES += ["docs/champion.md", "docs/cluster.md", "docs/estimates.md", "docs/other_settings.md"]
PAGES += ["docs/champion_settings.md", "docs/first_run.md", "docs/own_algorithm.md", "docs/gpu.md", "docs/lineage.md"]
PAGES += ["docs/validators.md", "docs/statistics.md", "docs/tracking.md", "docs/tuning.md"]


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_links_to_is_there(root, page):
    """Files, and headings in them."""
    path = root / page
    text = path.read_text(encoding="utf-8")
    named = re.findall(r"\]\((?!https?:)([^)#\s]*)(#[^)\s]*)?\)", text)
    for file, anchor in named:
        target = path.parent / file if file else path
        assert target.exists(), f"{page} links to {file}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor[1:] in slugs, f"{page} links to {file}{anchor}"
    for file in re.findall(r"`((?:src|docs|conf|notebooks|tests)/[\w./]+\.\w+)`", text):
        assert (root / file).exists(), f"{page} names {file}"


def test_what_both_precisions_reached_is_of_the_records(root, records):
    in_float32 = ResultsDataset(path=str(root / "docs/float32_runs")).load()
    text = (root / "docs/results.md").read_text(encoding="utf-8")
    for name in IN_BOTH:
        told: dict[str, dict[int, str]] = {"bfloat16": {}, "float32": {}}
        for scores in [*records.values(), *in_float32.values()]:
            if scores["algorithm"] == name:
                told[precision_of(scores)][scores["seed"]] = f"{last(scores):.2f}"
        columns = [", ".join(found[seed] for seed in sorted(found)) for found in told.values()]
        assert f"| `{name}` | {columns[0]} | {columns[1]} |" in text


def test_what_a_merge_of_the_records_says_is_of_as_many(root, records):
    text = (root / "docs/statistics.md").read_text(encoding="utf-8")
    count = len(records)
    assert f"    {count} results in docs/benchmark_runs: {count} are new, 0 were here already, 0 conflict\n" in text
    unnamed = sum("processor" not in scores.get("made_with", {}) for scores in records.values())
    assert f"    of {unnamed} of them, the processor cannot be compared\n" in text
    assert f"and {unnamed} of them are from a time" in text


def test_what_noisy_student_gains_is_of_the_records(root, records):
    found = {(scores["algorithm"], scores["seed"]): last(scores) for scores in records.values()}
    gains = [found["noisy_student", seed] - found["dann", seed] for seed in range(5)]
    text = " ".join((root / "docs/results.md").read_text(encoding="utf-8").split())
    assert f"gains {min(gains):.1f} to {max(gains):.1f} points on `dann` with the same seed" in text
    accuracies = [found["noisy_student", seed] for seed in range(5)]
    assert f"and ends at {fmean(accuracies):.2f} ± {stdev(accuracies):.2f}" in text
