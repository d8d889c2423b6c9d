"""Charts of scores: each function gives a Matplotlib figure, made without pyplot's global state."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mnistm_da.adaptation.figures.style import DOMAIN_COLOURS
from mnistm_da.adaptation.figures.text import drawable, text_is_text


@text_is_text
def confusion_matrix(counts: np.ndarray, classes: Sequence[str], title: str) -> Figure:
    """Draw a confusion matrix, coloured and annotated by the share of each true class.

    Args:
        counts: ``(K, K)``, rows are true classes.
        classes: their names.
        title: names the images that were classified.
    """
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    size = max(0.5 * len(classes), 4)
    figure = Figure(figsize=(size + 1.2, size + 0.6), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(100 * shares, cmap="Blues", vmin=0, vmax=100)
    for row, column in np.ndindex(shares.shape):
        if counts[row, column]:
            colour = "white" if shares[row, column] > 0.5 else "black"
            text = f"{100 * shares[row, column]:.1f}"
            axes.text(column, row, text, ha="center", va="center", fontsize=8, color=colour)
    axes.set(title=title, xlabel="predicted", ylabel="true")
    names = [drawable(name) for name in classes]
    axes.set_xticks(range(len(classes)), names)
    axes.set_yticks(range(len(classes)), names)
    figure.colorbar(image, label="% of the true class", shrink=0.85)
    return figure


@text_is_text
def comparison_bars(table: pd.DataFrame) -> Figure:
    """Draw source and target test accuracy of each algorithm as bars.

    Args:
        table: a row per algorithm: ``algorithm``, ``source_test_accuracy`` and ``target_test_accuracy`` (0–1).
    """
    figure = Figure(figsize=(7.5, 0.9 * len(table) + 1.3), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(table))
    for offset, domain in ((-0.2, "source"), (0.2, "target")):
        values = 100 * table[f"{domain}_test_accuracy"]
        colour = DOMAIN_COLOURS[domain]
        bars = axes.barh(places + offset, values, height=0.38, color=colour, label=f"{domain} test")
        axes.bar_label(bars, fmt="%.1f", padding=3)
    axes.set_yticks(places, [drawable(str(name)) for name in table["algorithm"]])
    axes.invert_yaxis()
    axes.set(xlim=(0, 109), xlabel="accuracy, %", xticks=range(0, 101, 20))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False)
    return figure
