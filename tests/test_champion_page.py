"""The numbers in docs/champion.md and docs/champion_settings.md are those of the records."""

import json
import re
from statistics import fmean, stdev

import pytest

SPLITS = ("target_test", "source_test")
COUNTS = {3: "three", 5: "five"}


@pytest.fixture(scope="module")
def page(root):
    return (root / "docs/champion_settings.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def trials(root):
    record = json.loads((root / "docs/champion_trials.json").read_text(encoding="utf-8"))
    return {trial["name"]: trial for trial in record["trials"]}


def test_the_tables_of_students_are_of_the_record(page, trials):
    rows = re.findall(
        r"^\| \W*`(\w+)`: .*? \| ([\d,]+) \| (\d+\.\d) \| \**([\d.]+)\** \| \**([\d.]+)\** \|$", page, re.MULTILINE
    )
    first = ["base", "taught1", "halfT", "halfema", "mildema", "mildmem"]
    networks = ["mildema", "vggema", "vgghalf", "vggtwo", "vggequal", "vggmore"]
    assert [name for name, *_ in rows] == [
        *first,
        *networks,
        "vggequal",
        "vggmuon",
        "vggmuon12",
        "vggdecay",
        "vggrate",
        "vggsame",
        *("vggmuon", "vgglong", "vggearly"),
    ]
    for name, steps, training, test, views in rows:
        trial = trials[name]
        last = trial["curve"][-1]
        assert trial["ended"]
        assert int(steps.replace(",", "")) == last["step"]
        told = [float(training), float(test), float(views)]
        assert told == pytest.approx(
            [last["target_training_right"], last["proxy_test"], trial["five_views"]], abs=0.051
        )


def test_the_table_of_longer_trainings_is_of_the_record(page, trials):
    rows = re.findall(r"^\| \W*`(\w+)`[^|]*\| ([\d.]+) \| ([\d,]+) \| ([\d.]+) \| ([\d.]+) \|$", page, re.MULTILINE)
    assert [name for name, *_ in rows] == [
        *("vggearly", "earlier", "secondround", "wide", "pair", "contrast", "strokes")
    ]
    for name, early, steps, training, test in rows:
        curve = {point["step"]: point for point in trials[name]["curve"]}
        end = curve[int(steps.replace(",", ""))]
        recorded = [curve[1500]["target_training_right"], end["target_training_right"], end["proxy_test"]]
        assert [float(early), float(training), float(test)] == pytest.approx(recorded, abs=0.051)


def test_the_table_of_networks_is_of_the_record(page, trials):
    rows = re.findall(r"^\| \W*`(\w+)`: .*? \| ([\d,]+) \| (\d+) \| ([\d.]+) \| \**([\d.]+)\** \|$", page, re.MULTILINE)
    assert [name for name, *_ in rows] == [
        *("halfmild", "w128mild", "residual7", "pixels", "six", "residual14", "seven", "vggtruth")
    ]
    for name, weights, spent, training, test in rows:
        trial = trials[name]
        last = trial["curve"][-1]
        assert (trial["settings"]["labels"], trial["ended"], last["step"]) == ("true", True, 1000)
        assert [float(training), float(test)] == pytest.approx(
            [last["target_training_right"], last["proxy_test"]], abs=0.051
        )
        assert int(weights.replace(",", "")) == round(trial["weights"], -3)
        assert int(spent) == trial["processor seconds"]


def test_the_table_of_optimizers_is_of_the_record(page, trials):
    rows = re.findall(
        r"^\| \W*`(\w+)`\W* \|([\d. ]+)\| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \| \**([\d.]+)\** \|$", page, re.MULTILINE
    )
    assert [name for name, *_ in rows] == ["adamw2", "adamw4", "muon2", "muon5", "muon8", "muon12", "muon30"]
    for name, muon, adamw, half, training, test in rows:
        trial = trials[name]
        first, last = trial["curve"]
        settings = trial["settings"]
        assert [float(muon.strip() or 0), float(adamw)] == [settings["Muon learning rate"], settings["learning rate"]]
        assert (settings["labels"], trial["ended"], first["step"], last["step"]) == ("true", True, 500, 1000)
        recorded = [first["proxy_test"], last["target_training_right"], last["proxy_test"]]
        assert [float(half), float(training), float(test)] == pytest.approx(recorded, abs=0.051)


def test_rates_named_as_those_of_another_row_are(page, trials):
    told = re.findall(r"`(\w+)`: rates as `(\w+)`", page)
    assert len(told) == 3
    for student, like in told:
        for rate in ("Muon learning rate", "learning rate"):
            assert trials[student]["settings"][rate] == trials[like]["settings"][rate]


def test_the_sentences_are_of_the_record(page, trials):
    told = re.findall(r"`(\w+)`(?:,? stopped at|, has|,)? (\d\d\.\d)", page)
    assert {
        "sharp",
        "hard",
        "soft",
        "thr7",
        "colT",
        "r2c",
        "lateT",
        "r2flat",
        "vgg96",
        "separable",
        "vggmuonseed1",
        "second3000",
    } <= {name for name, _ in told}
    for name, test in told:
        assert float(test) == pytest.approx(trials[name]["curve"][-1]["proxy_test"], abs=0.051), name


def test_the_sentences_on_labels_and_views_are_of_the_record(page, trials):
    early, long = (trials[name]["curve"] for name in ("vggearly", "vgglong"))
    text = " ".join(page.split())
    assert f"the student is right about {early[0]['target_training_right']:.1f} % of all images" in text
    gained = [curve[2]["target_training_right"] - curve[0]["target_training_right"] for curve in (long, early)]
    told = "1,000 steps more with these labels give {:.1f} points, in `vgglong`. In `vggearly` they give {:.1f}"
    assert told.format(*gained) in text
    muon = [trial for trial in trials.values() if trial["settings"].get("Muon learning rate") and trial["five_views"]]
    students = [trial for trial in muon if trial["settings"]["labels"] != "true"]
    gains = [trial["five_views"] - trial["curve"][-1]["proxy_test"] for trial in students]
    assert f"up to {max(gains):.1f} as a student, {fmean(gains):.1f} on average" in text


def test_values_that_were_compared_on_the_proxy_differ_from_the_champions_in_one_thing(page, root):
    """Score, and the name of each record."""
    paths = (root / "docs/proxy_runs").glob("*.json")
    records = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}
    told = re.findall(r"^\| `([\w.]+)` \| [^|]+ \| ([\d.]+) \|$", page.split("Afterwards they were")[1], re.MULTILINE)
    assert sorted(told) == sorted((name, f"{100 * record['score']:.2f}") for name, record in records.items())
    usual = flat(records["as_it_is"]) - {("selection.checkpoints", "10")}
    for name, record in records.items():
        found = sorted(flat(record) - usual - {("selection.checkpoints", "1")})
        assert (record["by"]["score"], record["state"]) == ("proxy", "complete")
        assert name in ("as_it_is", "".join(f"{key.rpartition('.')[2]}{value}" for key, value in found))


def flat(record):
    """Give the parameters of a trial as pairs of a dotted name and a text, and its seed."""
    pairs = [("seed", record["seed"])]
    for section, values in record["parameters"].items():
        pairs += [(f"{section}.{key}", value) for key, value in values.items()] if isinstance(values, dict) else []
    return {(key, str(value)) for key, value in pairs}


def test_what_it_reached_is_of_the_shipped_model_and_of_the_records(root):
    page = (root / "docs/champion.md").read_text(encoding="utf-8")
    shipped = json.loads((root / "src/mnistm_da/shipped/champion.metrics.json").read_text(encoding="utf-8"))
    paths = (root / "docs/benchmark_runs").glob("champion.*.json")
    records = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    [same] = [record for record in records if record["seed"] == shipped["seed"]]
    assert same.items() >= shipped.items(), "the model that comes with the package is one of them"
    reached = sorted((record["seed"], *(record[name]["accuracy"] for name in SPLITS)) for record in records)
    told = re.findall(r"seed (\d)[^|]*\| \**([\d.]+)\** \| ([\d.]+) \|", page)
    assert told == [(str(seed), f"{100 * target:.2f}", f"{100 * source:.2f}") for seed, target, source in reached]
    accuracies = [100 * target for _, target, _ in reached]
    mean = f"{fmean(accuracies):.2f} ± {stdev(accuracies):.2f}"
    readme = (root / "README.md").read_text(encoding="utf-8")
    assert f"| {mean} |" in page
    assert re.search(rf"^\| `champion`: .* \| \*\*{mean}\*\* \|$", readme, re.MULTILINE)
    later = [accuracy for accuracy, (seed, *_) in zip(accuracies, reached, strict=True) if seed]
    assert f"the other four have {fmean(later):.2f} ± {stdev(later):.2f}" in readme
    assert f"after that decision have {fmean(later):.2f} ± {stdev(later):.2f}" in page
    assert f"five times as long: {mean} ({COUNTS[len(records)]} seeds" in readme


def test_what_it_reached_with_digits_of_their_own_is_of_the_records(root):
    page = (root / "docs/champion.md").read_text(encoding="utf-8")
    told = {}
    for path in sorted((root / "docs/disjoint_runs").glob("*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        assert record["parameters"]["splitting"]["digits"] == "disjoint"
        assert record["seed"] == len(told.setdefault(record["algorithm"], []))
        told[record["algorithm"]].append(f"{100 * record['target_test']['accuracy']:.2f}")
    shown = {name: f"{', '.join(found[:-1])} and {found[-1]}".removeprefix(" and ") for name, found in told.items()}
    assert "`source_only` has {source_only} there, `dann` {dann} (seed 0, one run each)".format(**shown) in page
    reached = [float(one) for one in told["champion"]]
    mean = f"{fmean(reached):.2f} ± {stdev(reached):.2f}"
    assert f"and `champion` {shown['champion']} (seeds 0 to {len(reached) - 1}): **{mean}**" in page


def test_what_it_has_without_each_part_is_of_the_records(root):
    page = (root / "docs/champion.md").read_text(encoding="utf-8")
    found = {}
    for path in (root / "docs/ablation_runs").glob("*.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        assert (record["seed"], record["epochs"], record["views"]) == (0, 8, "one")
        found[path.stem] = tuple(f"{100 * record[name]:.2f}" for name in ("target_test", "source_test"))
    table = page.split("| taken away")[1].split("\n\n")[0]
    told = re.findall(r"^\| `(\w+)`: [^|]+ \| \**([\d.]+)\** \| ([\d.]+) \|$", table, re.MULTILINE)
    assert {name: tuple(numbers) for name, *numbers in told} == found
    whole = json.loads((root / "docs/ablation_runs/whole.json").read_text(encoding="utf-8"))
    assert f"With five views, `whole` has {100 * whole['target_test_of_five_views']:.2f}." in " ".join(page.split())
