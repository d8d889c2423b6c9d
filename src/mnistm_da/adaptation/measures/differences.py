"""What may be said of a mean over a few seeds, and of the difference between two algorithms.

Seeds are few, because each is a training. The methods were chosen for that, and docs/statistics.md says why:

- The interval of a mean is Student's. A bootstrap of five values gives intervals that are too narrow.
- Two algorithms are compared on the same seeds, by their differences: Wilcoxon's signed-rank test asks only that these
  lie symmetrically about their middle. Of n seeds it can give no p below 2 / 2ⁿ, whatever the numbers are.
- Of many comparisons, some have a small p by luck: Holm's correction makes each p larger by how many there are.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from . import intervals

EXACT = 50
"""Up to so many seeds, p is exact."""


class Paired(NamedTuple):
    """How much the first of two algorithms is ahead of the second, on the same seeds.

    Attributes:
        seeds: how many.
        difference: mean of the differences, as the values.
        low: of its 95 % interval.
        high: likewise.
        p: of Wilcoxon's signed-rank test, two-sided.
        smallest_p: that so many seeds can give.
    """

    seeds: int
    difference: float
    low: float
    high: float
    p: float
    smallest_p: float


def paired(first: Sequence[float], second: Sequence[float]) -> Paired:
    """Compare two algorithms by values of the same seeds, in the same order; at least two.

    A difference of zero speaks for neither: its rank is given to both by halves.
    """
    differences = np.asarray(first, dtype=float) - np.asarray(second, dtype=float)
    low, high = intervals.of_values(differences.tolist())
    return Paired(
        len(differences), float(differences.mean()), low, high, _wilcoxon(differences), smallest_p(len(differences))
    )


def smallest_p(seeds: int) -> float:
    """Give the smallest p of Wilcoxon's test, two-sided: all differences have the same sign."""
    return float(2.0 ** (1 - seeds))


def _wilcoxon(differences: np.ndarray) -> float:
    """Give the two-sided p: of all signs that the ranks could have, the share whose sum is at least as far from zero.

    SciPy's exact test is for ranks without equals, and its permutations double with each seed. Of many seeds, p is
    SciPy's approximation.
    """
    from scipy import stats

    rounded = np.round(differences, 12)  # or equal ones would differ in their last bit
    if len(rounded) > EXACT and rounded.any():
        return float(stats.wilcoxon(rounded, zero_method="zsplit").pvalue)
    doubled = 2 * stats.rankdata(np.abs(rounded))[rounded != 0]  # whole numbers; a zero counts for both sides alike
    positive = np.ones(1)  # in how many ways the ranks with a plus add up to 0, 1, 2, …
    for rank in doubled.astype(int):
        positive = np.pad(positive, (0, rank)) + np.pad(positive, (rank, 0))
    sums = np.abs(2 * np.arange(len(positive)) - doubled.sum())
    found = abs((np.sign(rounded[rounded != 0]) * doubled).sum())
    return float(positive[sums >= found].sum() / positive.sum())


def holm(ps: Sequence[float]) -> list[float]:
    """Correct the p of several comparisons by Holm's method, so that they can be read together."""
    order = np.argsort(ps)
    larger = np.asarray(ps, dtype=float)[order] * np.arange(len(ps), 0, -1)
    corrected = np.empty(len(ps))
    corrected[order] = np.minimum(1, np.maximum.accumulate(larger))
    return [float(p) for p in corrected]
