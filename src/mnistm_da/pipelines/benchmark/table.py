"""The table of all results, as data and as text."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from mnistm_da.adaptation.measures import intervals
from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.errors import UserError
from mnistm_da.parameters import FewLabelsParams
from mnistm_da.pipelines.lazy_types import DataFrame

from .names import made_with
from .pairs import write_differences

NAMES = ["algorithm", "family", "target labels", "epochs", "seeds", "last epoch", "95 % interval"]
NAMES += ["IM's pick", "oracle's pick", "source test"]
HEADER = f"| {' | '.join(NAMES)} |\n{'|---' * len(NAMES)}|\n"

OF_ONE_SEED = "\n–: of one seed the spread is not known, and so no interval can be given.\n"


def tabulate(results: dict[str, Any], parameters: dict[str, Any]) -> DataFrame:
    """Put the results made with these parameters into a table; see `per_algorithm`.

    Raises:
        UserError: no result was made with these parameters; names the command that makes them.
    """
    found = made_with(results, parameters)
    if not found:
        raise UserError(
            f"no result of the benchmark ({len(results)} in all) was made with these parameters: "
            "`kedro run --pipelines=benchmark` makes those that are missing"
        )
    return per_algorithm(found)


def per_algorithm(results: Mapping[str, Any]) -> DataFrame:
    """Put results of the same parameters into a table, a row per algorithm.

    Returns:
        Accuracies are fractions 0–1, and means over the seeds.

        - ``algorithm``, ``family``, ``epochs``;
        - ``target_labels``: how many it was trained with;
        - ``seeds``: how many;
        - ``last``: target test accuracy of the last epoch;
        - ``last_deviation``, ``last_low``, ``last_high``: its sample standard deviation and the ends of its 95 %
          interval, NaN for one seed;
        - ``label_free``: of the IM validator's picks, for the seeds to which it gave a finite score;
        - ``oracle``: of the oracle's picks; it looks at the test labels and is no result;
        - ``source_test``: accuracy on the source's test images.

        There are no seconds: results come from machines of different speed and load.
    """
    import pandas as pd

    rows = []
    for scores in results.values():
        picks = scores["picks"]
        rows.append(
            {
                "algorithm": scores["algorithm"],
                "family": ALGORITHMS[scores["algorithm"]].family,
                "target_labels": _target_labels(scores["algorithm"], scores["parameters"]),
                "epochs": scores["epochs"],
                "last": picks["last"]["target_test_accuracy"],
                "label_free": picks["im"]["target_test_accuracy"] if "im" in picks else np.nan,
                "oracle": picks["oracle"]["target_test_accuracy"],
                "source_test": scores["source_test"]["accuracy"],
            }
        )
    order = {name: place for place, name in enumerate(ALGORITHMS)}
    grouped = pd.DataFrame(rows).groupby(["algorithm", "family", "target_labels", "epochs"], as_index=False)
    found = grouped.agg(
        seeds=("last", "size"),
        last=("last", "mean"),
        last_deviation=("last", "std"),
        last_low=("last", lambda values: max(0.0, intervals.of_values(values.tolist())[0])),
        last_high=("last", lambda values: min(1.0, intervals.of_values(values.tolist())[1])),
        label_free=("label_free", "mean"),
        oracle=("oracle", "mean"),
        source_test=("source_test", "mean"),
    )
    return found.sort_values("algorithm", key=lambda names: names.map(order), ignore_index=True)


def _target_labels(algorithm: str, parameters: dict[str, Any]) -> str:
    read = ALGORITHMS[algorithm].target_labels
    return FewLabelsParams(**parameters["few_labels"]).described() if read == "few" else read


def write_table(table: DataFrame, differences: DataFrame) -> str:
    """Write the results and the differences between them as Markdown, for people to read."""
    why = OF_ONE_SEED if (table["seeds"] == 1).any() else ""
    return f"{write_markdown(table)}{why}\n## Differences\n\n{write_differences(differences)}"


def write_markdown(table: DataFrame) -> str:
    """Write `per_algorithm`'s table as Markdown: accuracies in %, of several seeds with ± their standard deviation."""
    rows = []
    for row in table.to_dict("records"):
        spread = f" ± {100 * row['last_deviation']:.2f}" if row["seeds"] > 1 else ""
        within = f"{_percent(row['last_low'])}–{_percent(row['last_high'])}" if row["seeds"] > 1 else "–"
        what = [f"`{row['algorithm']}`", *(str(row[key]) for key in ("family", "target_labels", "epochs", "seeds"))]
        picked = [f"{_percent(row['last'])}{spread}", within, _percent(row["label_free"]), _percent(row["oracle"])]
        rows.append(" | ".join([*what, *picked, _percent(row["source_test"])]))
    return HEADER + "".join(f"| {row} |\n" for row in rows)


def _percent(share: float) -> str:
    return "–" if np.isnan(share) else f"{100 * share:.2f}"
