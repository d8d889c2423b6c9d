"""Cut the domains into splits.

Target training images and target labels come from different nodes, so that the graph itself shows what an unsupervised
model can know.
"""

from typing import Any

import numpy as np

from mnistm_da.domains.splits import Cut, cut, pick_per_class
from mnistm_da.parameters import FewLabelsParams, SplittingParams
from mnistm_da.seeds import stream

Arrays = dict[str, np.ndarray]


def split_source(digits: Arrays, splitting: SplittingParams, seed: int) -> tuple[Arrays, Arrays, Arrays]:
    """Give source train, validation and test: ``images`` (N, 1, S, S) uint8, ``labels`` (N,) int64."""
    source = _cut(len(digits["train_labels"]), splitting, seed)["source"]
    train, validation = (
        {"images": digits["train_images"][chosen], "labels": digits["train_labels"][chosen]} for chosen in source
    )
    return train, validation, {"images": digits["test_images"], "labels": digits["test_labels"]}


def split_target(mnist_m: Arrays, splitting: SplittingParams, seed: int) -> tuple[Arrays, Arrays]:
    """Give target train and validation: ``images`` (N, C, S, S) uint8 and no labels."""
    target = _cut(len(mnist_m["train_images"]), splitting, seed)["target"]
    train, validation = ({"images": mnist_m["train_images"][chosen]} for chosen in target)
    return train, validation


def label_target_train(digits: Arrays, splitting: SplittingParams, seed: int) -> Arrays:
    """Give the ``labels`` (N,) int64 of the target training images, for supervised settings and bounds only."""
    target = _cut(len(digits["train_labels"]), splitting, seed)["target"]
    return {"labels": digits["train_labels"][target.train]}


def label_few(
    target_train: Arrays, target_train_labels: Arrays, format: dict[str, Any], few_labels: FewLabelsParams, seed: int
) -> Arrays:
    """Give ``per_class`` random target training images of each class, with their labels.

    Returns:
        ``images`` (K · k, C, S, S) uint8, ``labels`` (K · k,) int64, ``index`` in the target training split.

    Raises:
        ValueError: a class has fewer images than that.
    """
    of = stream(seed, "few_labels")
    chosen = pick_per_class(target_train_labels["labels"], few_labels.per_class, format["classes"], of)
    return {
        "images": target_train["images"][chosen],
        "labels": target_train_labels["labels"][chosen],
        "index": chosen,
    }


def label_target_test(digits: Arrays, mnist_m: Arrays) -> Arrays:
    """Give the target test split, ``images`` (N, C, S, S) uint8 and ``labels`` (N,) int64: for evaluation only."""
    return {"images": mnist_m["test_images"], "labels": digits["test_labels"]}


def _cut(count: int, splitting: SplittingParams, seed: int) -> dict[str, Cut]:
    return cut(count, splitting, stream(seed, "splitting"))
