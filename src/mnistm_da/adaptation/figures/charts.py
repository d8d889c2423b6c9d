"""Charts of scores and feature maps: each function gives a Matplotlib figure, made without pyplot's global state."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mnistm_da.adaptation.figures.style import (
    DOMAIN_COLOURS,
    DOMAIN_LEGEND,
    DOMAIN_MARKERS,
    class_colours,
    colours_of,
    draw_legend,
    name_classes,
)
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
def embeddings(panels: Sequence[tuple[str, pd.DataFrame]], classes: Sequence[str]) -> Figure:
    """Draw feature maps side by side, above coloured by domain, below by class; the marker shows the domain.

    Args:
        panels: title and table of each map; columns ``x``, ``y``, ``domain`` (``source``, ``target``), ``label``: the
            place of a class.
        classes: their names.
    """
    by_class = class_colours(len(classes))
    figure = Figure(figsize=(4.6 * len(panels) + 1.2, 8.6), layout="constrained")
    grid = figure.subplots(2, len(panels), squeeze=False)
    for column, (title, table) in enumerate(panels):
        for row in range(2):
            axes = grid[row, column]
            for domain, points in table.groupby("domain"):
                colours = DOMAIN_COLOURS[str(domain)] if row == 0 else colours_of(points["label"], by_class)
                marker = DOMAIN_MARKERS[str(domain)]
                axes.scatter(points["x"], points["y"], c=colours, marker=marker, s=9, alpha=0.7, linewidths=0)
            axes.set(xticks=[], yticks=[])
        name_classes(grid[1, column], table, classes)
        grid[0, column].set_title(title)
    draw_legend(grid[0, -1], "domain", DOMAIN_LEGEND)
    draw_legend(grid[1, -1], "class", [(name, "o", colour) for name, colour in zip(classes, by_class, strict=True)])
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
