"""Whether two domains of pictures are a pair that can be trained on; each mistake is one message with its cure."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...errors import UserError, nearest
from ..pictures.find import shown
from .labels import Labelled

FEWEST = 5
"""Pictures that a class of the source must have: for training, validation and testing."""

FEWEST_OF_TARGET = 10

FEWEST_TESTED = 2

Part = dict[Path, str | None]
"""Pictures in the order in which they are read, with the names of their classes; None without a label."""


def check_same_classes(sources: Sequence[Labelled], places: Sequence[Path]) -> None:
    """Refuse several sources of which one lacks a class of another."""
    first, *others = sources
    for other, place in zip(others, places[1:], strict=True):
        different = sorted(set(first.classes) ^ set(other.classes))
        if different:
            has, lacks = (places[0], place) if different[0] in first.classes else (place, places[0])
            raise UserError(
                f"source '{shown(has)}' has the class '{different[0]}', which source '{shown(lacks)}' has not: all "
                "sources need the same classes"
            )


def check_classes(source: Labelled, test: Labelled | None) -> None:
    """Refuse a source of one class, and labels of ``target_test`` that the source has not."""
    if len(source.classes) < 2:
        raise UserError(
            f"source has one class, '{source.classes[0]}': at least two are needed, each in a folder of its name"
        )
    strange = [name for name in (test.classes if test else ()) if name not in source.classes]
    if strange:
        names = ", ".join(f"'{name}'" for name in strange[:3]) + (", …" if len(strange) > 3 else "")
        raise UserError(
            f"target_test has the classes {names}, which source has not.{nearest(strange[0], source.classes)} Both "
            "need the same names"
        )


def check_counts(domains: dict[str, Part], classes: list[str], empty: tuple[str, ...]) -> None:
    """Refuse a class of the source, or a target, with too few pictures to train and test."""
    counts = Counter(label for label in domains["source"].values() if label)
    few = [name for name in [*empty, *classes] if counts[name] < FEWEST]
    if few:
        listed = ", ".join(f"'{name}' {counts[name]}" for name in few[:5]) + (", …" if len(few) > 5 else "")
        raise UserError(
            f"source has too few pictures of some classes ({listed}), and at least {FEWEST} are needed: add pictures, "
            "or remove the class"
        )
    if len(domains["target"]) < FEWEST_OF_TARGET:
        many = pictures_in_words(len(domains["target"]))
        raise UserError(f"target has {many}, and at least {FEWEST_OF_TARGET} are needed: add pictures")


def check_share(parts: dict[str, Part], classes: list[str], share: float) -> None:
    """Refuse a share for testing that leaves no picture of a class, or of the target, to train on."""
    trained_on = set(parts["source_train"].values())
    all_tested = [f"of the class '{name}'" for name in classes if name not in trained_on]
    all_tested += [] if parts["target_train"] else ["of the target"]
    check_tested(len(parts["target_test"]))
    if all_tested:
        raise UserError(
            f"pictures.test_share is {share:g}, which leaves no picture {all_tested[0]} to train on: lower it"
        )


def check_readable(train: np.ndarray, test: np.ndarray, classes: Sequence[str]) -> None:
    """Refuse a source of which so many pictures could not be read that a class has too few.

    Args:
        train: labels of those that were read, ``(N,)``, places of the classes.
        test: likewise.
        classes: their names.

    Raises:
        UserError: names the classes.
    """
    counts = [np.bincount(labels, minlength=len(classes)) for labels in (train, test)]
    few = [
        at for at in range(len(classes)) if counts[0][at] + counts[1][at] < FEWEST or not counts[0][at] * counts[1][at]
    ]
    if few:
        listed = ", ".join(f"'{classes[at]}' {counts[0][at] + counts[1][at]}" for at in few[:5])
        raise UserError(f"source has too few pictures of some classes that can be read ({listed}): add pictures")


def check_tested(count: int) -> None:
    """Refuse a target with too few pictures to test on: the distance of the domains is measured on halves of them."""
    if count < FEWEST_TESTED:
        raise UserError(
            f"the target has {pictures_in_words(count)} to test on, and at least {FEWEST_TESTED} are needed: add "
            "pictures to target_test or, without it, raise pictures.test_share"
        )


def pictures_in_words(count: int) -> str:
    """Write a number of pictures."""
    return "one picture" if count == 1 else f"{count:,} pictures"
