"""The sizes of digits that were read, to compare with those that are known before."""

import numpy as np

from mnistm_da.domains.sizes import Sizes


def sizes_of(digits):
    train, test = digits["train_labels"], digits["test_labels"]
    return Sizes(len(train), int(np.bincount(train, minlength=10).min()), len(test))
