"""Figures: each function takes data and gives a Matplotlib figure, made without pyplot and its global state.

Colours are the same in every figure: one for each domain, and one for each class. Up to ten classes have colours that
colour-blind readers can tell apart.
"""

from collections.abc import Sequence
from colorsys import hsv_to_rgb

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from .figure_text import drawable, text_is_text

DOMAIN_COLOURS = {"source": "#0072B2", "target": "#D55E00"}
"""Blue and vermilion of Okabe and Ito's palette."""

DOMAIN_MARKERS = {"source": "o", "target": "^"}

CLASS_COLOURS = (
    "#332288",
    "#88CCEE",
    "#44AA99",
    "#117733",
    "#999933",
    "#DDCC77",
    "#CC6677",
    "#882255",
    "#AA4499",
    "#000000",
)
"""Paul Tol's "muted" palette and black. A grey for the tenth is what a protanope cannot tell from the rose."""

CLASS_COLOURS_ON_DARK = (
    "#b796ff",
    "#b3dbff",
    "#5ebcb3",
    "#bdcb97",
    "#e88e00",
    "#ffea0c",
    "#ff007b",
    "#818181",
    "#a968b8",
    "#ffffff",
)
"""Ten for a dark page: searched for contrast with it and for distance as colour-blind readers see it."""

DOMAIN_LEGEND = [(name, DOMAIN_MARKERS[name], colour) for name, colour in DOMAIN_COLOURS.items()]

ROWS = 4
"""Images of each class and domain in the sample grid."""


def class_colours(count: int, *, on_dark: bool = False) -> tuple[str, ...]:
    """Give a colour for each of ``count`` classes; of more than ten, hues that are evenly apart."""
    known = CLASS_COLOURS_ON_DARK if on_dark else CLASS_COLOURS
    if count <= len(known):
        return known[:count]
    brightness = 0.95 if on_dark else 0.75
    return tuple(to_hex(hsv_to_rgb(number / count, 0.7, brightness)) for number in range(count))


@text_is_text
def sample_grid(
    source_images: np.ndarray,
    source_labels: np.ndarray,
    target_images: np.ndarray,
    target_labels: np.ndarray,
    classes: Sequence[str],
    *,
    source_title: str,
    target_title: str,
) -> Figure:
    """Draw the first images of each class, a column per class, a block per domain.

    Args:
        source_images: ``(N, 1 or 3, S, S)`` uint8 0–255.
        source_labels: ``(N,)``, places of ``classes``.
        target_images: likewise.
        target_labels: likewise.
        classes: their names.
        source_title: what the block is called.
        target_title: what the block is called.
    """
    figure = Figure(figsize=(max(0.7 * len(classes), 4), 6.4), layout="constrained")
    side = source_images.shape[-1]
    domains = ((source_images, source_labels, source_title), (target_images, target_labels, target_title))
    for axes, (images, labels, title) in zip(figure.subplots(2, 1), domains, strict=True):
        axes.imshow(mosaic(images, labels, len(classes)))
        axes.set_title(title)
        axes.set_xticks(side * np.arange(len(classes)) + side / 2, [drawable(name) for name in classes])
        axes.set_yticks([])
        axes.tick_params(length=0)
    return figure


def mosaic(images: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """Give the first images of each class, a column per class.

    Args:
        images: ``(N, 1 or 3, S, S)`` uint8 0–255.
        labels: ``(N,)``, from 0 to below ``classes``.
        classes: how many there are.

    Returns:
        ``(ROWS · S, classes · S, 3)`` uint8; a place is black where a class has fewer than `ROWS` images.
    """
    side = images.shape[-1]
    places = np.zeros((ROWS, classes, side, side, 3), dtype=np.uint8)
    for label in range(classes):
        found = images[labels == label][:ROWS].transpose(0, 2, 3, 1)
        places[: len(found), label] = found
    return places.transpose(0, 2, 1, 3, 4).reshape(ROWS * side, classes * side, 3)


@text_is_text
def training_curves(history: pd.DataFrame) -> Figure:
    """Draw each loss term and the source validation accuracy by epoch.

    Args:
        history: a row per epoch: ``epoch``, ``source_validation_accuracy`` (0–1) and ``loss/<term>`` columns.
    """
    terms = [column for column in history if str(column).startswith("loss/")]
    columns = [*terms, "source_validation_accuracy"]
    figure = Figure(figsize=(3.1 * len(columns) + 0.4, 2.9), layout="constrained")
    for axes, column in zip(figure.subplots(1, len(columns), squeeze=False)[0], columns, strict=True):
        is_loss = column in terms
        values = history[column] if is_loss else 100 * history[column]
        marker = "o" if len(history) <= 12 else None
        colour = "#444444" if is_loss else DOMAIN_COLOURS["source"]
        axes.plot(history["epoch"], values, color=colour, marker=marker, markersize=4)
        axes.set_title(str(column).removeprefix("loss/").replace("_", " ") if is_loss else "source validation, % right")
        axes.set_xlabel("epoch")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.3)
    return figure


@text_is_text
def confusion_matrix(counts: np.ndarray, classes: Sequence[str], title: str) -> Figure:
    """Draw a confusion matrix, coloured and annotated by the share of each true class.

    Args:
        counts: ``(K, K)``, rows are true classes.
        classes: their names.
        title: what was classified.
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
                colours = DOMAIN_COLOURS[str(domain)] if row == 0 else [by_class[label] for label in points["label"]]
                marker = DOMAIN_MARKERS[str(domain)]
                axes.scatter(points["x"], points["y"], c=colours, marker=marker, s=9, alpha=0.7, linewidths=0)
            axes.set(xticks=[], yticks=[])
        name_classes(grid[1, column], table, classes)
        grid[0, column].set_title(title)
    draw_legend(grid[0, -1], "domain", DOMAIN_LEGEND)
    draw_legend(grid[1, -1], "class", [(name, "o", colour) for name, colour in zip(classes, by_class, strict=True)])
    return figure


def name_classes(axes: Axes, table: pd.DataFrame, classes: Sequence[str]) -> None:
    """Write each class where its source images lie, for whom the colours are not enough."""
    halo = [withStroke(linewidth=3, foreground="white")]
    places = table[table["domain"] == "source"].groupby("label")[["x", "y"]].median()
    for label, x, y in places.itertuples():
        axes.text(x, y, classes[label], weight="bold", ha="center", va="center", path_effects=halo)


def draw_legend(axes: Axes, title: str, entries: Sequence[tuple[str, str, str]]) -> None:
    """Explain markers and colours at the right of the axes; entries are label, marker and colour."""
    handles = [
        Line2D([], [], linestyle="", marker=marker, color=colour, label=label) for label, marker, colour in entries
    ]
    axes.legend(handles=handles, title=title, loc="center left", bbox_to_anchor=(1.02, 0.5), frameon=False)


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


@text_is_text
def validator_trust(judged: pd.DataFrame) -> Figure:
    """Draw, for each label-free validator, the target test accuracy of every checkpoint over its score.

    Args:
        judged: ``epoch``, ``target_test_accuracy`` (0–1) and a column per validator.
    """
    validators = [column for column in judged if column not in ("epoch", "target_test_accuracy")]
    ranks = judged.rank()
    figure = Figure(figsize=(11, 5.6), layout="constrained")
    grid = figure.subplots(2, -(-len(validators) // 2), squeeze=False, sharey=True)
    for axes, validator in zip(grid.flat, validators, strict=False):
        axes.scatter(judged[validator], 100 * judged["target_test_accuracy"], color=DOMAIN_COLOURS["target"], s=18)
        varied = min(ranks[validator].nunique(), ranks["target_test_accuracy"].nunique()) > 1
        correlation = f"{ranks[validator].corr(ranks['target_test_accuracy']):+.2f}" if varied else "undefined"
        axes.set_title(f"{str(validator).replace('_', ' ')}\nrank correlation {correlation}", fontsize=10)
        axes.locator_params(axis="x", nbins=4)
        axes.grid(alpha=0.3)
    for axes in grid[:, 0]:
        axes.set_ylabel("target test, % right")
    figure.supxlabel("score of the checkpoint, higher is better; no target label was used for it", fontsize=10)
    return figure
