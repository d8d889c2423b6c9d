"""The table of all results, as data and as text."""

from typing import Any

import numpy as np

from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.errors import UserError
from mnistm_da.parameters import FewLabelsParams
from mnistm_da.pipelines.lazy_types import DataFrame

from .names import fingerprint_of, named

HEADER = """\
| algorithm | family | target labels | epochs | seeds | last epoch | IM's pick | oracle's pick | source test | seconds |
|---|---|---|---|---|---|---|---|---|---|
"""


def tabulate(results: dict[str, Any], parameters: dict[str, Any]) -> DataFrame:
    """Put the results made with these parameters into a table, a row per algorithm.

    Returns:
        ``algorithm``, ``family``, ``target_labels`` (how many it was trained with), ``seeds`` (how many), ``epochs``;
        means over seeds of the target test accuracy (0–1) of the last epoch, with its sample standard deviation, of the
        IM validator's pick (of the seeds for which it gave a finite score) and of the oracle's, which looks at the test
        labels and is no result; ``source_test``; ``seconds`` of training.

    Raises:
        UserError: no result was made with these parameters; names the command that makes them.
    """
    import pandas as pd

    rows = []
    there = {scores["algorithm"] for scores in results.values()} & ALGORITHMS.keys() & parameters.keys()
    fingerprints = {algorithm: fingerprint_of(algorithm, parameters) for algorithm in there}
    for name, scores in results.items():
        algorithm, seed = scores["algorithm"], scores["seed"]
        if algorithm in fingerprints and name == named(algorithm, seed, fingerprints[algorithm]):
            picks = scores["picks"]
            rows.append(
                {
                    "algorithm": algorithm,
                    "family": ALGORITHMS[algorithm].family,
                    "target_labels": _target_labels(algorithm, scores["parameters"]),
                    "epochs": scores["epochs"],
                    "last": picks["last"]["target_test_accuracy"],
                    "label_free": picks["im"]["target_test_accuracy"] if "im" in picks else np.nan,
                    "oracle": picks["oracle"]["target_test_accuracy"],
                    "source_test": scores["source_test"]["accuracy"],
                    "seconds": scores["timing"]["seconds"],
                }
            )
    if not rows:
        raise UserError(
            f"no result of the benchmark ({len(results)} in all) was made with these parameters: "
            "`kedro run --pipelines=benchmark` makes those that are missing"
        )
    order = {name: place for place, name in enumerate(ALGORITHMS)}
    table = pd.DataFrame(rows).groupby(["algorithm", "family", "target_labels", "epochs"], as_index=False)
    found = table.agg(
        seeds=("last", "size"),
        last=("last", "mean"),
        last_deviation=("last", "std"),
        label_free=("label_free", "mean"),
        oracle=("oracle", "mean"),
        source_test=("source_test", "mean"),
        seconds=("seconds", "mean"),
    )
    return found.sort_values("algorithm", key=lambda names: names.map(order), ignore_index=True)


def _target_labels(algorithm: str, parameters: dict[str, Any]) -> str:
    read = ALGORITHMS[algorithm].target_labels
    return FewLabelsParams(**parameters["few_labels"]).described() if read == "few" else read


def write_markdown(table: DataFrame) -> str:
    """Write `tabulate`'s table as Markdown: accuracies in %, of several seeds with ± their standard deviation."""
    rows = []
    for row in table.to_dict("records"):
        spread = f" ± {100 * row['last_deviation']:.2f}" if row["seeds"] > 1 else ""
        what = [f"`{row['algorithm']}`", *(str(row[key]) for key in ("family", "target_labels", "epochs", "seeds"))]
        picked = [f"{_percent(row['last'])}{spread}", _percent(row["label_free"]), _percent(row["oracle"])]
        rows.append(" | ".join([*what, *picked, _percent(row["source_test"]), f"{row['seconds']:,.0f}"]))
    return HEADER + "".join(f"| {row} |\n" for row in rows)


def _percent(share: float) -> str:
    return "–" if np.isnan(share) else f"{100 * share:.2f}"
