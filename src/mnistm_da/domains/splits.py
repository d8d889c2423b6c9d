"""Source and target, train / validation / test.

The test digits are the test digits of both domains. The training digits are put in one seeded order; in the
standard protocol (``shared``) both domains are cut from the same order, so that a validation digit of one
domain is no training digit of the other; in ``disjoint`` each domain has its own half.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..errors import UserError
from ..parameters import SplittingParams


class Cut(NamedTuple):
    """Numbers of the digits, ``(n,)`` int64 each."""

    train: np.ndarray
    validation: np.ndarray


def cut(count: int, params: SplittingParams, seed: Sequence[int]) -> dict[str, Cut]:
    """Divide ``count`` training digits into the ``source`` and ``target`` cuts. Same seed, same cut.

    Raises:
        UserError: a validation split that leaves no digit to train on.
    """
    order = np.random.default_rng(seed).permutation(count)
    source, target = (order, order) if params.digits == "shared" else np.array_split(order, 2)
    return {
        "source": _hold_out("source", source, params.source_validation),
        "target": _hold_out("target", target, params.target_validation),
    }


def _hold_out(domain: str, digits: np.ndarray, size: int) -> Cut:
    _check_held_out(domain, len(digits), size)
    return Cut(train=np.sort(digits[size:]), validation=np.sort(digits[:size]))


def training_sizes(count: int, params: SplittingParams) -> tuple[int, int]:
    """Give the sizes of the source's and the target's training split, without cutting anything.

    Raises:
        UserError: a validation split that leaves no digit to train on.
    """
    source, target = (count, count) if params.digits == "shared" else (count - count // 2, count // 2)
    _check_held_out("source", source, params.source_validation)
    _check_held_out("target", target, params.target_validation)
    return source - params.source_validation, target - params.target_validation


def _check_held_out(domain: str, digits: int, size: int) -> None:
    if size >= digits:
        raise UserError(
            f"splitting.{domain}_validation is {size}, but there are only {digits} training digits in the {domain}: "
            "lower it"
        )


def pick_per_class(labels: np.ndarray, per_class: int, classes: Sequence[str], seed: Sequence[int]) -> np.ndarray:
    """Pick ``per_class`` images of each class at random.

    Args:
        labels: ``(N,)`` int64, places of ``classes``.
        per_class: how many of each.
        classes: their names.
        seed: entropy of the generator.

    Returns:
        ``(K · per_class,)`` int64 indices, in ascending order.

    Raises:
        UserError: a class has fewer images; names it.
    """
    order = np.random.default_rng(seed).permutation(len(labels))
    chosen = []
    for label, name in enumerate(classes):
        found = order[labels[order] == label]
        if len(found) < per_class:
            raise UserError(
                f"few_labels.per_class is {per_class}, but the target training split has only {len(found)} images of "
                f"the class {name}; ask for fewer"
            )
        chosen.append(found[:per_class])
    return np.sort(np.concatenate(chosen))
