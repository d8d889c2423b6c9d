"""The committed results of the benchmark, as pages show them."""

from functools import cache
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import pandas as pd

from mnistm_da.datasets.folders import ResultsDataset
from mnistm_da.pipelines.benchmark.table import per_algorithm
from mnistm_da.registry import ALGORITHMS
from website.markdown import table

FOLDER = Path("docs/benchmark_runs")
Record = dict[str, Any]


@cache
def records() -> dict[str, Record]:
    """Give every committed result by the name of its file."""
    found: dict[str, Record] = ResultsDataset(path=str(FOLDER)).load()
    return found


@cache
def results() -> pd.DataFrame:
    """Give them in a table, a row per algorithm."""
    return per_algorithm(records())


def runs(algorithm: str) -> dict[str, Record]:
    """Give the results of an algorithm by the name of their files, in the order of their seeds."""
    found = {name: record for name, record in records().items() if record["algorithm"] == algorithm}
    return dict(sorted(found.items(), key=lambda item: item[1]["seed"]))


def unsupervised() -> list[Record]:
    """Give the results of adaptations that saw no target label."""
    entries = {name for name, entry in ALGORITHMS.items() if entry.target_labels == "none" and entry.family != "bound"}
    return [record for record in records().values() if record["algorithm"] in entries]


def in_short(algorithm: str) -> str:
    """Give the target test accuracy of the last epoch, with its spread and the number of seeds."""
    row = results()[results()["algorithm"] == algorithm].to_dict("records")
    if not row:
        return "not measured"
    spread = f" ± {100 * row[0]['last_deviation']:.2f}" if row[0]["seeds"] > 1 else ""
    return f"{100 * row[0]['last']:.2f}{spread} ({_seeds(row[0]['seeds'])})"


def _seeds(number: int) -> str:
    return "1\u00a0seed" if number == 1 else f"{number}\u00a0seeds"


def picks(runs: list[Record]) -> str:
    """Write what each validator would have picked in these runs."""
    rows = []
    for validator in runs[0]["picks"]:
        picked = [run["picks"][validator] for run in runs if validator in run["picks"]]
        ranks = [one["rank_correlation"] for one in picked if one["rank_correlation"] is not None]
        accuracy = spread([100 * one["target_test_accuracy"] for one in picked], 2)
        epochs = ", ".join(str(one["epoch"]) for one in picked)
        rows.append((f"`{validator}`", epochs, accuracy, spread(ranks, 2) if ranks else "–"))
    return table(("picked by", "epoch", "target test, %", "rank correlation"), rows)


def spread(values: list[float], digits: int) -> str:
    """Write a mean, with ± the sample standard deviation of several values."""
    deviation = f" ± {stdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{_signed(mean(values), digits)}{deviation}"


def _signed(value: float, digits: int = 2) -> str:
    return f"{value:.{digits}f}".replace("-", "−")


def trust() -> str:
    """Write the table of `docs/validators.md`: all unsupervised runs; points are lost against the oracle's pick."""
    found = unsupervised()
    rows = []
    for validator in found[0]["picks"]:
        picked = [(run["picks"][validator], run["picks"]["oracle"]) for run in found if validator in run["picks"]]
        ranks = [one["rank_correlation"] for one, _ in picked if one["rank_correlation"] is not None]
        lost = [100 * (best["target_test_accuracy"] - one["target_test_accuracy"]) for one, best in picked]
        if validator != "oracle":
            known = f"{spread(ranks, 2)} ({_signed(min(ranks))} to {_signed(max(ranks))})" if ranks else "–"
            rows.append((f"`{validator}`", len(picked), known, f"{mean(lost):.2f}", f"{max(lost):.2f}"))
    header = ("picked by", "runs", "rank correlation (lowest to highest)", "points lost, mean", "points lost, at most")
    return table(header, rows)


def page() -> str:
    """Write the list of all results, each with its file."""
    rows = []
    for name, record in sorted(records().items()):
        last = 100 * record["picks"]["last"]["target_test_accuracy"]
        rows.append((f"[{name}.json]({name}.json)", record["seed"], record["epochs"], f"{last:.2f}"))
    text = "A file for each run of the benchmark, as it was written: parameters, code, libraries, scores."
    return f"# Every run\n\n{text}\n\n" + table(("file", "seed", "epochs", "target test, last epoch, %"), rows)
