"""The algorithms of the benchmark against each other, on the same seeds."""

import logging
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from mnistm_da.adaptation.measures.differences import holm, paired
from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.errors import UserError
from mnistm_da.extras import check_extra
from mnistm_da.pipelines.lazy_types import DataFrame, Figure

from .names import made_with

COLUMNS = ("first", "second", "seeds", "difference", "low", "high", "p", "corrected_p", "smallest_p")

HEADER = """\
| first | second | seeds | difference | 95 % interval | p | corrected | verdict |
|---|---|---|---|---|---|---|---|
"""

SIGNIFICANT = 0.05

FEWEST = 3
"""Algorithms that are ranked; of two, the table of differences says all."""

logger = logging.getLogger(__name__)


def by_seed(results: Mapping[str, Any]) -> DataFrame:
    """Give the target test accuracy (0–1) of the last epoch, a row per seed and a column per algorithm.

    The results are of the same parameters. NaN where a seed has none.
    """
    import pandas as pd

    found: dict[str, dict[int, float]] = {name: {} for name in ALGORITHMS}
    for scores in results.values():
        found[scores["algorithm"]][scores["seed"]] = scores["picks"]["last"]["target_test_accuracy"]
    return pd.DataFrame({name: of for name, of in found.items() if of}).sort_index()


def compare(results: dict[str, Any], parameters: dict[str, Any]) -> DataFrame:
    """Compare the results with these parameters; see `pairwise`."""
    return pairwise(made_with(results, parameters))


def pairwise(results: Mapping[str, Any]) -> DataFrame:
    """Compare every two algorithms on the seeds that both have, if these are two or more.

    Returns:
        A row per pair, the best pairs on top:

        - ``first``, ``second``: the better algorithm is the first;
        - the fields of `Paired`, for ``first`` − ``second`` in target test accuracy (0–1) of the last epoch;
        - ``corrected_p``: for as many pairs.
    """
    import pandas as pd

    scores = by_seed(results)
    order = scores.mean().sort_values(ascending=False, kind="stable").index
    rows: list[dict[str, Any]] = []
    for names in combinations(order, 2):
        both = scores[list(names)].dropna()
        if len(both) > 1:
            found = paired(*(both[name].tolist() for name in names))
            rows.append(dict(zip(("first", "second"), names, strict=True)) | found._asdict())
    for row, p in zip(rows, holm([row["p"] for row in rows]), strict=True):
        row["corrected_p"] = p
    return pd.DataFrame(rows, columns=list(COLUMNS))


def write_differences(differences: DataFrame) -> str:
    """Write `compare`'s table as Markdown, with what may be said of each pair; differences in points of %."""
    if differences.empty:
        return "No two algorithms share two seeds: no difference can be tested.\n"
    rows, found = [], differences.to_dict("records")
    for row, verdict in zip(found, verdicts(found), strict=True):
        what = [f"`{row['first']}`", f"`{row['second']}`", str(row["seeds"]), _points(row["difference"])]
        told = [f"{_points(row['low'])} to {_points(row['high'])}", f"{row['p']:.3g}", f"{row['corrected_p']:.3g}"]
        rows.append(" | ".join([*what, *told, verdict]))
    return HEADER + "".join(f"| {row} |\n" for row in rows)


def verdicts(rows: Sequence[Mapping[Any, Any]]) -> list[str]:
    """Put what each row of `compare`'s table shows into a few words.

    Holm multiplies the p of a pair by the number of those that did not differ before it, itself among them.
    """
    left = sum(row["corrected_p"] >= SIGNIFICANT for row in rows)
    told = []
    for row in rows:
        if row["corrected_p"] < SIGNIFICANT:
            told.append("differ")
        elif row["smallest_p"] * left >= SIGNIFICANT:
            told.append("too few seeds to test")
        else:
            told.append("no difference shown")
    return told


def _points(share: float) -> str:
    return f"{100 * share:+.2f}".replace("-", "−")


def block(scores: DataFrame) -> DataFrame:
    """Give the part of `by_seed`'s table that holds the most results without a gap: algorithms, and all their seeds."""
    counts = scores.count()
    blocks = [scores[counts.index[counts >= least]].dropna() for least in sorted({*counts[counts > 1]})]
    return max((one for one in blocks if len(one) > 1), key=lambda one: one.size, default=scores.iloc[:0])


def draw_ranks(results: dict[str, Any], parameters: dict[str, Any]) -> Figure:
    """Draw the mean rank of each algorithm over the seeds, 1 the best; a bar joins those that a test cannot tell apart.

    The test is Nemenyi's, after Friedman's, by scikit-posthocs. Where there is no diagram, the figure says why.
    """
    from mnistm_da.adaptation.figures.ranks import critical_differences, only_words

    scores = block(by_seed(made_with(results, parameters)))
    seeds, algorithms = scores.shape
    if seeds < 2 or algorithms < FEWEST:
        return only_words(f"No ranks: they need {FEWEST} algorithms that share 2 seeds.")
    try:
        check_extra("statistics", "the figure of ranks")
    except UserError as error:  # no reason to lose what hours of training brought
        logger.warning("%s", error)
        return only_words(f"No ranks: {error}")
    return critical_differences(scores)
