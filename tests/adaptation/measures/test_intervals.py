"""Intervals against published examples, and against SciPy's tests of the samples themselves."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp, ttest_ind

from mnistm_da.adaptation.measures import intervals
from mnistm_da.adaptation.measures.intervals import Interval


def test_a_share_and_a_difference_of_shares_are_newcombes_examples():
    """Statistics in Medicine 1998, pages 857 and 873: 81 of 263; 56 of 70 less 48 of 80."""
    assert intervals.of_share(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert intervals.of_difference_of_shares(56 / 70, 70, 48 / 80, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_the_ends_of_a_share_stay_between_0_and_1():
    assert intervals.of_share(1.0, 20) == pytest.approx((0.8389, 1.0), abs=5e-5)
    assert intervals.of_share(0.0, 20).low == 0


def test_a_paired_difference_is_agresti_and_mins():
    """Of 50 images, 10 are right by the first alone and 3 by the second alone: 7/52 ± 1.96 √(14 − 49/52) / 52."""
    both = np.array([True] * 25 + [False] * 12)
    first = np.concatenate([both, [True] * 10, [False] * 3])
    second = np.concatenate([both, [False] * 10, [True] * 3])
    found = intervals.of_paired_difference(first, second)
    assert found == pytest.approx((-0.0016, 0.2708), abs=5e-5)
    assert found.holds_zero
    assert intervals.of_paired_difference(second, first) == pytest.approx((-found.high, -found.low))


def test_means_of_seeds_are_students_and_welchs():
    first, second = np.array([0.931, 0.935, 0.942]), np.array([0.57, 0.562, 0.571, 0.559])
    one, other = ((sample.mean(), sample.std(ddof=1), len(sample)) for sample in (first, second))
    known = ttest_1samp(first, 0).confidence_interval()
    assert intervals.of_mean(*one) == pytest.approx(known)
    known = ttest_ind(first, second, equal_var=False).confidence_interval()
    assert intervals.of_difference_of_means(*one, *other) == pytest.approx(known)


def test_seeds_that_agree_to_the_last_digit_leave_nothing_to_chance():
    found = intervals.of_difference_of_means(0.9, 0.0, 3, 0.5, 0.0, 3)
    assert found == pytest.approx(Interval(0.4, 0.4))
    assert not found.holds_zero
