"""The tables of docs/other_settings.md are of the committed records."""

import json

import numpy as np
import pytest


@pytest.fixture(scope="module")
def page(root):
    return (root / "docs/other_settings.md").read_text(encoding="utf-8")


def runs_of(root, name):
    return json.loads((root / f"docs/{name}.json").read_text(encoding="utf-8"))["runs"]


def written(values):
    return ", ".join(f"{100 * value:.1f}" for value in values) or "–"


def accuracies(runs, key="accuracy", **of):
    chosen = [run for run in runs if all(run[name] == value for name, value in of.items())]
    return [run[key] for run in sorted(chosen, key=lambda run: run["seed"])]


def test_the_table_of_fewer_classes_is_of_its_record(root, page):
    runs = runs_of(root, "partial_runs")
    for run in runs:
        of_kept = np.array(run["confusion_matrix"])[:5]
        assert run["accuracy"] == pytest.approx(of_kept.diagonal().sum() / of_kept.sum())
    for epochs, name in dict.fromkeys((run["epochs"], run["algorithm"]) for run in runs):
        of = {"epochs": epochs, "algorithm": name}
        every, part = (accuracies(runs, **of, target_classes=kept) for kept in (None, "0 1 2 3 4"))
        both = list(zip(every, part, strict=False))  # seeds 0, 1, … as far as both were run
        change = f"{100 * np.mean([after - before for before, after in both]):+.1f}" if both else "–"
        row = f"| `{name}` | {epochs} | {written(every)} | {written(part)} | {change.replace('-', '−')} |"
        assert row in page


def test_the_table_of_several_sources_is_of_its_record(root, page):
    runs = runs_of(root, "several_runs")
    for source, target in dict.fromkeys((run["source"], run["target"]) for run in runs):
        cells = [
            written(accuracies(runs, "target_test", source=source, target=target, algorithm=name))
            for name in ("source_only", "dann", "mdan")
        ]
        assert f"| `{source}` | `{target}` | {' | '.join(cells)} |" in page
