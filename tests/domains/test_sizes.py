"""The sizes that are known before anything is read are those of the data."""

import pytest

from counted import sizes_of
from mnistm_da.domains.sample import load_sample_digits
from mnistm_da.domains.splits import cut, training_size
from mnistm_da.errors import UserError
from mnistm_da.parameters import SplittingParams


@pytest.mark.parametrize("digits", ["shared", "disjoint"])
@pytest.mark.parametrize("number", [40, 41])
def test_the_sizes_of_the_splits_are_those_that_are_cut(number, digits):
    params = SplittingParams(source_validation=5, target_validation=7, digits=digits)
    for domain in ("source", "target"):
        assert training_size(domain, number, params) == len(cut(domain, number, params, [0]).train)


@pytest.mark.parametrize("domain", ["source", "target"])
def test_a_validation_split_that_leaves_nothing_is_refused_alike(domain):
    params = SplittingParams(**{"source_validation": 1, "target_validation": 1} | {f"{domain}_validation": 40})
    for refused in (lambda: cut(domain, 40, params, [0]), lambda: training_size(domain, 40, params)):
        with pytest.raises(UserError, match=f"splitting.{domain}_validation is 40, but there are only 40"):
            refused()


def test_no_digit_of_the_sample_is_more_frequent_than_its_sizes_say():
    sizes = sizes_of(load_sample_digits())
    assert sizes.fewest * 10 <= sizes.train


@pytest.mark.real_data
def test_the_sizes_of_mnist_are_those_of_its_files(tmp_path):
    from mnistm_da.domains.mnist import SIZES, load_mnist

    assert sizes_of(load_mnist(tmp_path / "mnist")) == SIZES
