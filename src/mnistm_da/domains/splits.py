"""Source and target, train / validation / test.

The test images of a domain are its test split. Its training images are put in a seeded order that depends on their
number alone. In the standard protocol (``shared``), MNIST and MNIST-M made of it have therefore the same order: a
validation digit of one domain is no training digit of the other. In ``disjoint`` each of two such domains has its own
half of that order. Domains of different images are cut each by itself.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from ..errors import UserError
from ..parameters import SplittingParams

Domain = Literal["source", "target"]


class Cut(NamedTuple):
    """Numbers of the images, ``(n,)`` int64 each."""

    train: np.ndarray
    validation: np.ndarray


def cut(domain: Domain, count: int, params: SplittingParams, seed: Sequence[int]) -> Cut:
    """Divide the ``count`` training images of a domain. Same seed and number, same order.

    Raises:
        UserError: a validation split that leaves no image to train on.
    """
    order = np.random.default_rng(seed).permutation(count)
    if params.digits == "disjoint":
        order = np.array_split(order, 2)[0 if domain == "source" else 1]
    size = _held_out(domain, len(order), params)
    return Cut(train=np.sort(order[size:]), validation=np.sort(order[:size]))


def with_every_class(cut: Cut, labels: np.ndarray) -> Cut:
    """Train on the images of a class of which all would be held out: there are few, and it could never be learned.

    Args:
        cut: numbers of the images.
        labels: ``(N,)`` of all images.

    Raises:
        UserError: then none is left to validate on.
    """
    lacking = np.setdiff1d(labels[cut.validation], labels[cut.train])
    is_moved = np.isin(labels[cut.validation], lacking)
    if is_moved.all():
        raise UserError(
            "each image that would be held out for validation is the only one of its class, or one of a few: give "
            "more images of each class"
        )
    if not is_moved.any():
        return cut
    return Cut(np.sort(np.concatenate([cut.train, cut.validation[is_moved]])), cut.validation[~is_moved])


def training_size(domain: Domain, count: int, params: SplittingParams) -> int:
    """Give the size of a domain's training split, without cutting anything.

    Raises:
        UserError: a validation split that leaves no image to train on.
    """
    count = _own(domain, count, params)
    return count - _held_out(domain, count, params)


def validation_size(domain: Domain, count: int, params: SplittingParams) -> int:
    """Give the size of a domain's validation split, without cutting anything.

    Raises:
        UserError: a validation split that leaves no image to train on.
    """
    return _held_out(domain, _own(domain, count, params), params)


def _own(domain: Domain, count: int, params: SplittingParams) -> int:
    if params.digits != "disjoint":
        return count
    return count - count // 2 if domain == "source" else count // 2


def _held_out(domain: Domain, count: int, params: SplittingParams) -> int:
    asked = params.source_validation if domain == "source" else params.target_validation
    size = int(asked) if asked >= 1 else max(1, round(asked * count))
    if size >= count:
        raise UserError(
            f"splitting.{domain}_validation is {asked}, but there are only {count} training images in the {domain}: "
            "lower it"
        )
    return size


def pick_per_class(
    labels: np.ndarray,
    per_class: int,
    classes: Sequence[str],
    seed: Sequence[int],
    only: Sequence[str] | None = None,
) -> np.ndarray:
    """Pick ``per_class`` images of each class at random.

    Args:
        labels: ``(N,)`` int64, places of ``classes``.
        per_class: how many of each.
        classes: their names.
        seed: entropy of the generator.
        only: names of the classes to pick of; None: all.

    Returns:
        ``(K · per_class,)`` int64 indices, in ascending order.

    Raises:
        UserError: a class has fewer images; names it.
    """
    order = np.random.default_rng(seed).permutation(len(labels))
    chosen = []
    for label, name in enumerate(classes):
        if only is not None and name not in only:
            continue
        found = order[labels[order] == label]
        if len(found) < per_class:
            raise UserError(
                f"few_labels.per_class is {per_class}, but the target training split has only {len(found)} images of "
                f"the class {name}; ask for fewer"
            )
        chosen.append(found[:per_class])
    return np.sort(np.concatenate(chosen))
