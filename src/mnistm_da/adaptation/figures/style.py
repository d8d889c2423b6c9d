"""Colours, markers and legends, the same in every figure: one colour for each domain, and one for each class.

Up to ten classes have colours that colour-blind readers can tell apart.
"""

from collections.abc import Iterable, Sequence
from colorsys import hsv_to_rgb

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

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
"""Paul Tol's "muted" palette and black. A protanope could not tell a grey, as the tenth, from the rose."""

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

NO_LABEL = "#9A9A9A"
"""Of an image whose class nobody knows."""


def class_colours(count: int, *, on_dark: bool = False) -> tuple[str, ...]:
    """Give a colour for each of ``count`` classes; of more than ten, hues that are evenly apart."""
    known = CLASS_COLOURS_ON_DARK if on_dark else CLASS_COLOURS
    if count <= len(known):
        return known[:count]
    brightness = 0.95 if on_dark else 0.75
    return tuple(to_hex(hsv_to_rgb(number / count, 0.7, brightness)) for number in range(count))


def colours_of(labels: Iterable[int], by_class: Sequence[str]) -> list[str]:
    """Give the colour of each label's class; `NO_LABEL` for a negative one."""
    return [by_class[label] if label >= 0 else NO_LABEL for label in labels]


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
