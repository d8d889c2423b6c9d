"""A user's pictures, each beside what the network sees of it and above the answer."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from mnistm_da.adaptation.figures.style import DOMAIN_COLOURS
from mnistm_da.adaptation.figures.text import text_is_text

COLUMNS, ROWS = 5, 20

NAME_LENGTH = 24
"""Letters of a file's name that fit above its picture."""


@text_is_text
def contact_sheet(originals: np.ndarray, boxes: np.ndarray, images: np.ndarray, predictions: pd.DataFrame) -> Figure:
    """Draw the first hundred pictures, each with the part that was cut out of it, and what this became.

    Args:
        originals: ``(N, 3, S, S)`` uint8 0–255, as a user took them.
        boxes: ``(N, 4)``: left, top, right and bottom of the part, in pixels of the originals.
        images: ``(N, 3, 28, 28)`` uint8 0–255, as the network sees them.
        predictions: a row per picture: ``file``, ``digit``, ``confidence`` (0–1), ``remark``.
    """
    shown = min(len(images), COLUMNS * ROWS)
    columns = min(shown, COLUMNS)
    rows = -(-shown // columns)
    figure = Figure(figsize=(2.6 * columns + 0.1, 1.75 * rows + 0.1), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for number, axes in enumerate(grid.flat[:shown]):
        _draw_pair(axes, originals[number], boxes[number], images[number])
        _write_answer(axes, predictions.iloc[number])
    return figure


def _draw_pair(axes: Axes, original: np.ndarray, box: np.ndarray, image: np.ndarray) -> None:
    side = original.shape[-1]
    axes.imshow(original.transpose(1, 2, 0), extent=(0, side, side, 0))
    left, top, right, bottom = (float(edge) for edge in box)
    if right - left < side or bottom - top < side:
        frame = Rectangle((left, top), right - left, bottom - top, fill=False, color=DOMAIN_COLOURS["target"])
        axes.add_patch(frame)
    axes.add_patch(Rectangle((0, 0), side, side, fill=False, color="0.8", linewidth=0.5))
    right_of_it = 1.06 * side
    axes.imshow(image.transpose(1, 2, 0), extent=(right_of_it, right_of_it + side, side, 0), interpolation="nearest")
    axes.set(xlim=(0, right_of_it + side), ylim=(side, 0))


def _write_answer(axes: Axes, row: pd.Series) -> None:
    name, remark = str(row["file"]), str(row["remark"]) if pd.notna(row["remark"]) else ""
    if len(name) > NAME_LENGTH:
        half = NAME_LENGTH // 2
        name = f"{name[: half - 1]}…{name[-half:]}"
    if pd.isna(row["digit"]):
        answer = remark
    else:
        answer = f"{row['digit']} · {row['confidence']:.0%}" + (f" · {remark}" if remark else "")
    colour = DOMAIN_COLOURS["target"] if remark else "black"
    axes.set_title(f"{name}\n{answer}", fontsize=9, color=colour)
