"""Intervals and tests over a few seeds, against counting and against other libraries."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from mnistm_da.adaptation.measures import intervals
from mnistm_da.adaptation.measures.differences import holm, paired, smallest_p


def test_an_interval_is_students():
    values = [0.91, 0.93, 0.94, 0.92, 0.95]
    known = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert intervals.of_values(values) == pytest.approx((known.low, known.high))
    assert intervals.of_values([0.5, 0.5]) == (0.5, 0.5)
    assert np.isnan(intervals.of_values([0.5])).all()


@pytest.mark.parametrize(
    "differences",
    [[1, 2, 3, 4, 5], [1, -2, 3, 4, 5], [1, 1, 1, 1], [0, 1, 2, -3], [0.1, 0.2], [3, 3, -3, 0, 0, 1]],
    ids=str,
)
def test_p_counts_all_signs_that_the_differences_could_have(differences):
    ranks = stats.rankdata(np.abs(differences))

    def distance(signs):
        return abs(sum(np.sign(sign) * rank for sign, rank in zip(signs, ranks, strict=True)))

    # A zero speaks for neither side: its rank is halved, so that its sign does not count.
    zeros = [not one for one in differences]
    every = [
        distance([0 if zero else sign for sign, zero in zip(signs, zeros, strict=True)])
        for signs in product([-1, 1], repeat=len(differences))
    ]
    p = np.mean(np.array(every) >= distance(np.sign(differences)) - 1e-9)
    found = paired(np.array(differences) / 100 + 0.5, np.full(len(differences), 0.5))
    assert found.p == pytest.approx(p)
    assert found.difference == pytest.approx(np.mean(differences) / 100)
    assert found.p >= found.smallest_p


def test_p_is_scipys_where_no_two_differences_are_equal_however_many_seeds_there_are():
    rng = np.random.default_rng(0)
    for seeds in (2, 7, 13, 50):
        differences = rng.normal(0.3, size=seeds)
        known = stats.wilcoxon(differences, method="exact").pvalue
        assert paired(differences, np.zeros(seeds)).p == pytest.approx(known)
    differences = rng.normal(0.1, size=300)
    assert paired(differences, np.zeros(300)).p == pytest.approx(
        stats.wilcoxon(differences, method="exact").pvalue, rel=0.05
    )


def test_no_difference_at_all_is_none():
    assert paired([0.5] * 4, [0.5] * 4).p == 1


def test_five_seeds_cannot_give_less_than_a_sixteenth():
    ahead = paired([0.9, 0.91, 0.92, 0.93, 0.94], [0.1, 0.2, 0.3, 0.4, 0.5])
    assert ahead.p == ahead.smallest_p == smallest_p(5) == 0.0625
    assert ahead.low > 0


def test_holm_is_that_of_statsmodels():
    from statsmodels.stats.multitest import multipletests  # comes with scikit-posthocs

    ps = np.random.default_rng(0).random(20) ** 3
    assert holm(ps) == pytest.approx(multipletests(ps, method="holm")[1])
    assert holm([]) == []
