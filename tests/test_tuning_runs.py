"""The tables of searches in docs/results.md, and of networks in docs/defaults.md, are of the committed records."""

import json

import numpy as np
import pandas as pd
import pytest

from mnistm_da.adaptation.registry import algorithm_class
from mnistm_da.searched import search_space


@pytest.fixture(scope="module")
def runs(root):
    return json.loads((root / "docs/tuning_runs.json").read_text(encoding="utf-8"))["runs"]


def percent(of):
    return f"{100 * of['mean']:.2f} ± {100 * of['deviation']:.2f}"


def written(value):
    return str(value) if isinstance(value, int) else f"{value:.3g}"


def row_of(run):
    """Write a row of the table: what the search changed, and what that gained on fresh seeds."""
    changed = ", ".join(
        f"`{name}` {written(before)} → {written(run['winner']['parameters'][name])}"
        for name, before in run["start"]["parameters"].items()
    )
    complete = pd.DataFrame([trial for trial in run["trials"] if trial["state"] == "complete"])
    trust = complete["score"].corr(complete["target_test_accuracy"], method="spearman")
    counts = f"{len(run['trials'])}, {len(complete)} to the end"
    gain = f"{100 * run['gain']['mean']:+.2f}".replace("-", "−")
    trusted = f"{trust:+.2f}".replace("-", "−")
    cells = [
        f"`{run['algorithm']}`",
        run["by"]["score"],
        counts,
        changed,
        percent(run["start"]),
        percent(run["winner"]),
    ]
    return f"| {' | '.join([*cells, gain, trusted])} |"


def test_the_table_of_searches_is_of_the_records(root, runs):
    page = (root / "docs/results.md").read_text(encoding="utf-8")
    assert runs
    for run in runs:
        assert row_of(run) in page, row_of(run)
        assert run["command"] in (root / "docs/tuning.md").read_text(encoding="utf-8")


def test_the_records_say_what_is_computed_of_them(runs):
    for run in runs:
        for of in (run["start"], run["winner"]):
            assert of["mean"] == pytest.approx(np.mean(of["target_test_accuracy"]))
            assert of["deviation"] == pytest.approx(np.std(of["target_test_accuracy"], ddof=1))
        gains = np.subtract(run["winner"]["target_test_accuracy"], run["start"]["target_test_accuracy"])
        assert run["gain"]["mean"] == pytest.approx(gains.mean())
        assert run["is_more_than_spread"] == (gains.mean() > max(run[of]["deviation"] for of in ("start", "winner")))
        allowed = [trial for trial in run["trials"] if trial["allowed"]]
        assert max(allowed, key=lambda trial: trial["score"])["trial"] == run["trial"]
        assert set(run["importance"]) <= set(search_space(algorithm_class(run["algorithm"]).Params))


def test_the_networks_that_dann_was_tried_on_have_the_accuracies_of_their_trials(root):
    record = json.loads((root / "docs/network_trials.json").read_text(encoding="utf-8"))
    page = (root / "docs/defaults.md").read_text(encoding="utf-8")
    trials = pd.DataFrame(record["trials"]).sort_values("seed")
    assert sorted(trials["architecture"].unique()) == ["compact", "ganin"]
    for name, of in trials.groupby("architecture"):
        assert list(of["seed"]) == [0, 4, 5]
        assert f"| `{name}` | {', '.join(f'{100 * accuracy:.1f}' for accuracy in of['accuracy'])} |" in page
