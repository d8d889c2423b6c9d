import numpy as np
import pytest
from pydantic import ValidationError

from mnistm_da.domains.splits import Cut, cut, pick_per_class, training_size, validation_size, with_every_class
from mnistm_da.errors import UserError
from mnistm_da.parameters import SplittingParams
from mnistm_da.pipelines.splitting.nodes import split_source
from mnistm_da.seeds import stream


def test_shared_digits_cut_both_domains_from_one_order():
    params = SplittingParams(source_validation=10, target_validation=20)
    source, target = cut("source", 100, params, seed=(0, 1)), cut("target", 100, params, seed=(0, 1))
    assert [len(part) for part in (*source, *target)] == [90, 10, 80, 20]
    assert set(source.train) | set(source.validation) == set(range(100))
    assert set(target.train) | set(target.validation) == set(range(100))
    assert not set(source.validation) & set(target.train)


def test_disjoint_digits_share_none():
    params = SplittingParams(source_validation=5, target_validation=5, digits="disjoint")
    source, target = (set(np.concatenate(cut(domain, 101, params, seed=(0, 1)))) for domain in ("source", "target"))
    assert not source & target
    assert len(source) + len(target) == 101


def test_cut_follows_the_seed():
    params = SplittingParams(source_validation=5, target_validation=5)
    first, again, other = (cut("source", 50, params, seed).validation for seed in ((0, 1), (0, 1), (1, 1)))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_validation_that_takes_everything_is_refused():
    with pytest.raises(ValueError, match=r"splitting\.target_validation is 50, but there are only 50"):
        cut("target", 50, SplittingParams(source_validation=5, target_validation=50), (0, 1))


def test_domains_of_different_sizes_are_cut_each_by_itself():
    """A validation split that only the larger domain has room for is that domain's alone."""
    params = SplittingParams(source_validation=70, target_validation=5)
    source, target = cut("source", 100, params, (0, 1)), cut("target", 20, params, (0, 1))
    assert sorted(np.concatenate(source)) == list(range(100))
    assert sorted(np.concatenate(target)) == list(range(20))
    assert [len(part) for part in (*source, *target)] == [30, 70, 15, 5]


def test_few_labels_are_as_many_of_each_digit_and_a_digit_with_fewer_is_named():
    labels = np.arange(95) % 10
    digits = [str(digit) for digit in range(10)]
    chosen = pick_per_class(labels, 9, digits, [0])
    assert sorted(labels[chosen]) == sorted(list(range(10)) * 9)
    assert len(set(chosen.tolist())) == 90
    np.testing.assert_array_equal(chosen, pick_per_class(labels, 9, digits, [0]))
    with pytest.raises(ValueError, match=r"per_class is 10, but .* only 9 images of the class 5"):
        pick_per_class(labels, 10, digits, [0])


def test_a_class_is_not_held_out_as_a_whole():
    labels = np.array([0, 0, 1, 2, 2, 2, 0])
    cut = with_every_class(Cut(np.array([0, 4, 5]), np.array([1, 2, 3, 6])), labels)
    assert (cut.train.tolist(), cut.validation.tolist()) == ([0, 2, 4, 5], [1, 3, 6])
    assert with_every_class(cut, labels) is cut
    with pytest.raises(UserError, match="give more images of each class"):
        with_every_class(Cut(np.array([0, 1]), np.array([2])), labels)


def test_the_pipelines_train_on_every_class():
    """With 16 of 3,000 seeds, all four images of the second class would be held out."""
    labels = np.repeat([0, 1], [60, 4])
    source = {"train_images": labels, "train_labels": labels, "test_images": labels, "test_labels": labels}
    lost = []
    for seed in range(600):
        of, seeds = SplittingParams(source_validation=0.3), stream(seed, "splitting")
        lost.append(1 not in labels[cut("source", 64, of, seeds).train])
        train, validation, _ = split_source(source, of, seed)
        assert {*train["labels"]} == {0, 1}
        assert sorted([*train["labels"], *validation["labels"]]) == labels.tolist()
    assert any(lost)


def test_few_labels_are_of_the_classes_that_there_are():
    labels = np.arange(20) % 3
    assert sorted(labels[pick_per_class(labels, 4, ("cat", "dog", "owl"), [0])]) == [0] * 4 + [1] * 4 + [2] * 4
    with pytest.raises(ValueError, match="only 6 images of the class owl"):
        pick_per_class(labels, 7, ("cat", "dog", "owl"), [0])


def test_a_number_below_one_is_a_share_of_the_training_images():
    params = SplittingParams(source_validation=0.1, target_validation=0.001)
    assert len(cut("source", 50, params, (0, 1)).validation) == validation_size("source", 50, params) == 5
    assert len(cut("target", 50, params, (0, 1)).validation) == validation_size("target", 50, params) == 1
    assert training_size("target", 50, params) == 49


@pytest.mark.parametrize("wrong", [0, -1, 1.5, "a", True])
def test_what_is_neither_a_number_nor_a_share_is_refused(wrong):
    with pytest.raises(ValidationError):
        SplittingParams(source_validation=wrong)


def test_a_number_of_images_is_written_as_it_was_typed():
    assert SplittingParams(source_validation=60).model_dump_json().startswith('{"source_validation":60,')
