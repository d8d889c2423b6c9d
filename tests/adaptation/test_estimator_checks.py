"""The conventions of scikit-learn's estimators, by its own checks.

`check_estimator` would check next to nothing, since `DomainAdapter` says that its input are images. Here it is behind a
table, and those checks are called that ask for no table in particular and for no accuracy.
"""

import math

import numpy as np
import pytest
from scipy.special import expit
from sklearn.base import clone
from sklearn.utils import Tags, check_array, estimator_checks

from mnistm_da import DomainAdapter

SIDE = 16


class OfTables(DomainAdapter):
    """A row of numbers is an image, whose pixels repeat them; the target is the source."""

    def fit(self, X, y):
        return super().fit(as_pixels(X), y, as_pixels(X))

    def transform(self, X):
        return super().transform(as_pixels(X))

    def _logits(self, images):
        return super()._logits(as_pixels(images))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.three_d_array = True, False
        return tags


def as_pixels(table):
    table = check_array(table)
    repeated = np.tile(expit(table), math.ceil(SIDE * SIDE / table.shape[1]))
    return repeated[:, : SIDE * SIDE].reshape(-1, SIDE, SIDE)


OF_TABLES = OfTables("source_only", network={"width": 4}, training={"epochs": 1, "batch_size": 8})

APPLY = (
    # what it is, before it is trained
    *("estimator_cloneable", "estimator_repr", "estimator_tags_renamed", "valid_tag_types", "mixin_order"),
    *("no_attributes_set_in_init", "parameters_default_constructible", "do_not_raise_errors_in_init_or_set_params"),
    *("get_params_invariance", "set_params", "estimators_unfitted"),
    # what training changes
    *("fit_score_takes_y", "estimators_fit_returns_self", "estimators_overwrite_params", "dont_overwrite_parameters"),
    *("fit_idempotent", "readonly_memmap_input"),
    # which labels it takes
    *("supervised_y_2d", "supervised_y_no_nan", "classifiers_one_label", "classifiers_regression_target"),
    # what it does afterwards
    *("dict_unchanged", "estimators_pickle"),
)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", APPLY)
def test_it_is_an_estimator_of_scikit_learn(name):
    getattr(estimator_checks, f"check_{name}")("OfTables", clone(OF_TABLES))
