"""One picture of an adaptation: what the domains look like, and where their images lie before and after."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mnistm_da.adaptation.figures.sample_grid import mosaic
from mnistm_da.adaptation.figures.style import DOMAIN_MARKERS, class_colours, colours_of, draw_legend, name_classes
from mnistm_da.adaptation.figures.text import text_is_text

Domain = tuple[str, np.ndarray, np.ndarray]
"""Title, images ``(N, 1 or 3, S, S)`` uint8 0–255 and labels ``(N,)``, places of classes."""

ALPHA = {"source": 0.2, "target": 0.85}


@text_is_text
def overview(
    source: Domain, target: Domain, classes: Sequence[str], maps: Sequence[tuple[str, pd.DataFrame]]
) -> Figure:
    """Draw images of both domains, above each other, and beside them the feature maps, coloured by class.

    Target images are strong triangles, source images pale circles.

    Args:
        source: test images of the source.
        target: test images of the target.
        classes: their names.
        maps: title and table of each; columns ``x``, ``y``, ``domain`` (``source``, ``target``), ``label``.
    """
    figure = Figure(figsize=(5.2 + 3.9 * len(maps), 4.4), layout="constrained")
    samples, drawn = figure.subfigures(1, 2, squeeze=False, width_ratios=(5.2, 3.9 * len(maps)))[0]
    for axes, (title, images, labels) in zip(samples.subplots(2, 1), (source, target), strict=True):
        axes.imshow(mosaic(images, labels, len(classes)))
        axes.set_title(title)
        axes.set_axis_off()
    grid = drawn.subplots(1, len(maps), squeeze=False)[0]
    by_class = class_colours(len(classes))
    for axes, (title, table) in zip(grid, maps, strict=True):
        for domain, points in table.groupby("domain"):
            colours = colours_of(points["label"], by_class)
            marker, alpha = DOMAIN_MARKERS[str(domain)], ALPHA[str(domain)]
            axes.scatter(points["x"], points["y"], c=colours, marker=marker, s=10, alpha=alpha, linewidths=0)
        name_classes(axes, table, classes)
        axes.set(title=title, xticks=[], yticks=[])
    shapes = [(domain, marker, "#777777") for domain, marker in DOMAIN_MARKERS.items()]
    draw_legend(grid[-1], "domain", shapes)
    return figure
