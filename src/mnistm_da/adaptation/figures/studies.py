"""Figures of a search of parameters; see `charts`."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mnistm_da.adaptation.figures.style import DOMAIN_COLOURS
from mnistm_da.adaptation.figures.text import text_is_text

START, WINNER, REFUSED = "#009E73", "#D55E00", "#9A9A9A"
"""Bluish green and vermilion of Okabe and Ito's palette, and a grey."""


@text_is_text
def history(study: pd.DataFrame, winner: dict[str, Any]) -> Figure:
    """Draw the score of each trial with the best so far, and the importance of each parameter.

    Args:
        study: a row per trial: ``trial``, ``state``, ``score`` (NaN where it was not trained to the end), ``allowed``.
        winner: ``trial`` and ``by`` of the pick; ``importance`` of each parameter, shares of 1, perhaps of none.
    """
    figure = Figure(figsize=(10, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    _points(left, study, "trial", "score", winner["trial"])
    best = study["score"].where(study["allowed"]).cummax().ffill()
    left.step(study["trial"], best, where="post", color="#444444", linewidth=1, label="best so far")
    ended = study[study["state"] != "complete"]
    if len(ended):
        bottom = [study["score"].min()] * len(ended)
        left.scatter(ended["trial"], bottom, marker="x", color=REFUSED, label="pruned or failed")
    left.set(title=f"score: {winner['by']['score']}, without a target label", xlabel="trial", ylabel="score")
    left.xaxis.get_major_locator().set_params(integer=True)
    left.legend(fontsize=8)
    left.grid(alpha=0.3)
    names = list(winner["importance"])
    bars = right.barh(names, [100 * winner["importance"][name] for name in names], color=DOMAIN_COLOURS["source"])
    right.bar_label(bars, fmt="%.0f", padding=3)
    right.invert_yaxis()
    right.set(title="importance for the score", xlabel="% of the explained variance", xlim=(0, 110))
    right.spines[["top", "right"]].set_visible(False)
    return figure


@text_is_text
def trust(hindsight: pd.DataFrame, tuned: dict[str, Any]) -> Figure:
    """Draw the target test accuracy of every trial over its score.

    Args:
        hindsight: a row per trial that was trained to the end: ``trial``, ``score``, ``allowed`` and
            ``target_test_accuracy`` (0–1), which the search never saw.
        tuned: ``trial`` and ``by`` of the pick, and ``algorithm``.
    """
    figure = Figure(figsize=(6.4, 4.6), layout="constrained")
    axes = figure.subplots()
    table = hindsight.assign(percent=100 * hindsight["target_test_accuracy"])
    _points(axes, table, "score", "percent", tuned["trial"])
    ranks = table[["score", "percent"]].rank()
    varied = ranks.nunique().min() > 1
    correlation = f"{ranks['score'].corr(ranks['percent']):+.2f}" if varied else "undefined"
    axes.set_title(f"{tuned['algorithm']}: could the search be trusted?\nrank correlation {correlation}", fontsize=11)
    axes.set(xlabel=f"{tuned['by']['score']}, what the search saw", ylabel="target test, % right, in hindsight")
    axes.legend(fontsize=8)
    axes.grid(alpha=0.3)
    return figure


def _points(axes: Axes, table: pd.DataFrame, x: str, y: str, winner: int) -> None:
    complete = table[table["state"] == "complete"]
    groups = {
        ("allowed", "o", DOMAIN_COLOURS["source"]): complete[complete["allowed"]],
        ("refused by the guard", "o", REFUSED): complete[~complete["allowed"]],
        ("start", "s", START): complete[complete["trial"] == 0],
        ("picked", "*", WINNER): complete[complete["trial"] == winner],
    }
    for (label, marker, colour), rows in groups.items():
        if len(rows):
            size = 130 if marker == "*" else 30
            axes.scatter(rows[x], rows[y], marker=marker, color=colour, s=size, label=label, zorder=2 + (marker != "o"))
