"""Confidence intervals, 95 %, of accuracies and of their differences.

Two sources of chance are told apart. Which images are tested: `of_share`, `of_paired_difference` and
`of_difference_of_shares`, for one trained model each. With which seed is trained: `of_values`, `of_mean` and
`of_difference_of_means`, for several seeds.
"""

from collections.abc import Sequence
from math import hypot, sqrt
from typing import NamedTuple

import numpy as np

LEVEL = 0.95
"""How often an interval is to hold the true value."""


class Interval(NamedTuple):
    """The ends of an interval, in the unit of what it is of."""

    low: float
    high: float

    @property
    def holds_zero(self) -> bool:
        """Whether a difference of this interval may be none."""
        return self.low <= 0 <= self.high


def of_share(share: float, count: int) -> Interval:
    """Give Wilson's score interval of a share: unlike ± 1.96 standard errors, it stays between 0 and 1.

    Args:
        share: 0–1.
        count: of the images that it is a share of; at least 1.
    """
    from scipy.stats import binomtest

    found = binomtest(round(share * count), count).proportion_ci(LEVEL, method="wilson")
    return Interval(float(found.low), float(found.high))


def of_paired_difference(first: np.ndarray, second: np.ndarray) -> Interval:
    """Give the interval of how much more often the first of two models is right, on the same images.

    Agresti and Min, "Simple improved confidence intervals for comparing matched proportions", Statistics in Medicine
    2005: Wald's interval after 0.5 was added to each cell of the 2 × 2 table.

    Args:
        first: ``(N,)`` bool, whether each image is classified right.
        second: ``(N,)`` bool, likewise of the same images.
    """
    total = len(first) + 2
    only_first, only_second = ((one & ~other).sum() + 0.5 for one, other in ((first, second), (second, first)))
    difference = (only_first - only_second) / total
    error = sqrt(only_first + only_second - total * difference**2) / total
    return _around(float(difference), _normal() * error)


def of_difference_of_shares(first: float, first_count: int, second: float, second_count: int) -> Interval:
    """Give the interval of a difference of two shares of independent images.

    Newcombe, "Interval estimation for the difference between independent proportions", Statistics in Medicine 1998,
    method 10. For models that were tested on the same images it is too wide rather than too narrow.

    Args:
        first: 0–1.
        first_count: of its images.
        second: 0–1, which is subtracted.
        second_count: of its images.
    """
    one, other = of_share(first, first_count), of_share(second, second_count)
    difference = first - second
    return Interval(
        difference - hypot(first - one.low, other.high - second),
        difference + hypot(one.high - first, second - other.low),
    )


def of_values(values: Sequence[float]) -> Interval:
    """Give Student's interval of the mean of values.

    Args:
        values: one for each seed, which are independent, and normally distributed or nearly so.

    Returns:
        NaN at both ends for fewer than two values, of which no spread is known.
    """
    if len(values) < 2:
        return Interval(float("nan"), float("nan"))
    return of_mean(float(np.mean(values)), float(np.std(values, ddof=1)), len(values))


def of_mean(mean: float, deviation: float, count: int) -> Interval:
    """Give Student's interval of a mean.

    Args:
        mean: over the seeds.
        deviation: the sample standard deviation over the seeds.
        count: of the seeds; at least 2.
    """
    return _around(mean, _student(count - 1) * deviation / sqrt(count))


def of_difference_of_means(
    first: float, first_deviation: float, first_count: int, second: float, second_deviation: float, second_count: int
) -> Interval:
    """Give Welch's interval of a difference of two means, whose spreads need not be equal.

    Args:
        first: mean over the seeds.
        first_deviation: its sample standard deviation.
        first_count: of the seeds; at least 2.
        second: which is subtracted.
        second_deviation: likewise.
        second_count: likewise.
    """
    variances = first_deviation**2 / first_count, second_deviation**2 / second_count
    error, difference = sqrt(sum(variances)), first - second
    if not error:
        return Interval(difference, difference)
    parts = (variance**2 / (count - 1) for variance, count in zip(variances, (first_count, second_count), strict=True))
    return _around(difference, _student(sum(variances) ** 2 / sum(parts)) * error)


def _around(middle: float, reach: float) -> Interval:
    return Interval(middle - reach, middle + reach)


def _normal() -> float:
    from scipy.stats import norm

    return float(norm.ppf((1 + LEVEL) / 2))


def _student(freedom: float) -> float:
    from scipy.stats import t

    return float(t.ppf((1 + LEVEL) / 2, freedom))
