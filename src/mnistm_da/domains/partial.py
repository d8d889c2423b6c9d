"""A target with fewer classes than the source: partial adaptation (Cao et al., CVPR 2018, arXiv 1707.07901).

The parameter ``target_classes`` names the classes that are kept. Labels of the target are read to drop its other
images, before anything else sees them. They make the experiment; no algorithm reads them.
"""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from ..errors import UserError, unknown
from .reading import PARTS

NAME = "target_classes"
EXAMPLE = f'--params="{NAME}=0 1 2 3"'


def kept_classes(named: Any, classes: Sequence[str]) -> tuple[str, ...] | None:
    """Give the classes that the target keeps, in the order of ``classes``; None where it keeps all.

    Args:
        named: names with spaces between them, or with ``+`` where names have spaces; or a list of names; None: all.
        classes: of the run.

    Raises:
        UserError: an unknown name, no name, one name alone, or all names.
    """
    if named is None:
        return None
    found = _words(named, classes)
    if not found:
        raise UserError(f"{NAME} names no class: name at least two, as in {EXAMPLE}, or leave it out for all")
    for name in found:
        if name not in classes:
            raise UserError(
                f"{NAME}: {unknown('class', name, classes)} Names have spaces between them, as in {EXAMPLE}, or + "
                "where names have spaces themselves"
            )
    if len(set(found)) == 1:
        raise UserError(
            f"{NAME} names one class, {found[0]}: with fewer than two, there is nothing to tell apart on the target"
        )
    if len(set(found)) == len(classes):
        raise UserError(f"{NAME} names all {len(classes)} classes, as without it: leave it out, or leave out a class")
    return tuple(name for name in classes if name in found)


def said_of_target(kept: Collection[str], classes: Collection[str]) -> str:
    """Say which classes a target with fewer of them has."""
    return f"The target has only {len(kept)} of {len(classes)} classes: {', '.join(kept)}."


def _words(named: Any, classes: Sequence[str]) -> list[str]:
    if isinstance(named, list | tuple):
        return [str(name).strip() for name in named]
    words = str(named).split()
    if set(words) <= set(classes):
        return words
    return [name.strip() for name in str(named).split("+")] if "+" in str(named) or str(named) in classes else words


def without_dropped(found: dict[str, Any], kept: Sequence[str], classes: Sequence[str]) -> dict[str, Any]:
    """Give a reading without the images of the other classes, and without their labels.

    Args:
        found: of a reader, images and labels; see `domains.reading`.
        kept: names of classes.
        classes: of the run.

    Raises:
        UserError: no image of a class is left in the training or the test images.
    """
    places = [list(classes).index(name) for name in kept]
    made = dict(found)
    for part in PARTS:
        labels = found[f"{part}_labels"]
        for name, place in zip(kept, places, strict=True):
            if not (labels == place).any():
                raise UserError(f"{NAME} keeps the class {name}, but no {part} image of the target is of it")
        chosen = np.isin(labels, places)
        made |= {f"{part}_{what}": found[f"{part}_{what}"][chosen] for what in ("images", "labels")}
    return made
