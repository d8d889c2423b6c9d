"""Cut the domains into splits.

Target training images and target labels come from different nodes, so that the graph itself shows what an unsupervised
model can know.
"""

from typing import Any

import numpy as np

from mnistm_da.domains.reading import with_labels
from mnistm_da.domains.splits import Cut, Domain, cut, pick_per_class, with_every_class
from mnistm_da.errors import UserError
from mnistm_da.parameters import FewLabelsParams, SplittingParams
from mnistm_da.seeds import stream

Arrays = dict[str, np.ndarray]


def split_source(source: Arrays, splitting: SplittingParams, seed: int) -> tuple[Arrays, Arrays, Arrays]:
    """Give source train, validation and test: ``images`` (N, 1 or C, S, S) uint8, ``labels`` (N,) int64.

    Of several sources, each is cut by itself; ``domains`` (N,) int64 are the numbers of the images' sources. Train has
    images of each class.

    Raises:
        UserError: a split would have no image; see `cut` and `with_every_class`.
    """
    names = ["images", "labels"] + (["domains"] if "train_domains" in source else [])
    domains = source.get("train_domains", np.zeros(len(source["train_labels"]), dtype=np.int64))
    cuts = [
        [of[part] for part in _cut("source", len(of), splitting, seed)]
        for of in (np.flatnonzero(domains == number) for number in range(domains.max() + 1))
    ]
    chosen = with_every_class(Cut(*map(np.concatenate, zip(*cuts, strict=True))), source["train_labels"])
    train, validation = ({name: source[f"train_{name}"][part] for name in names} for part in chosen)
    return train, validation, {name: source[f"test_{name}"] for name in names}


def split_target(target_images: Arrays, splitting: SplittingParams, seed: int) -> tuple[Arrays, Arrays]:
    """Give target train and validation: ``images`` (N, 1 or C, S, S) uint8, without labels."""
    chosen = _cut("target", len(target_images["train_images"]), splitting, seed)
    train, validation = ({"images": target_images["train_images"][part]} for part in chosen)
    return train, validation


def label_target_train(target_labels: Arrays, splitting: SplittingParams, seed: int) -> Arrays:
    """Give the ``labels`` (N,) int64 of the target training images, for supervised settings and bounds only.

    Raises:
        UserError: there are none.
    """
    if not len(target_labels["train_labels"]):
        raise UserError(
            "the target's training images have no labels: let the environment say so, with labelled_target: false in "
            "parameters.yml"
        )
    chosen = _cut("target", len(target_labels["train_labels"]), splitting, seed)
    return {"labels": target_labels["train_labels"][chosen.train]}


def label_few(
    target_train: Arrays, target_train_labels: Arrays, format: dict[str, Any], few_labels: FewLabelsParams, seed: int
) -> Arrays:
    """Give ``per_class`` random target training images of each class that the target has, with their labels.

    Returns:
        ``images`` (K · k, C, S, S) uint8, ``labels`` (K · k,) int64, ``index`` in the target training split.

    Raises:
        ValueError: a class has fewer images than that.
    """
    of = stream(seed, "few_labels")
    labels, only = target_train_labels["labels"], format.get("target_classes")
    chosen = pick_per_class(labels, few_labels.per_class, format["classes"], of, only)
    return {
        "images": target_train["images"][chosen],
        "labels": labels[chosen],
        "index": chosen,
    }


def label_target_test(target_images: Arrays, target_labels: Arrays) -> Arrays:
    """Give the target test split, ``images`` (N, 1 or C, S, S) uint8 and ``labels`` (N,) int64: for evaluation only.

    Without labels, they are all `UNLABELLED`.

    Raises:
        UserError: the target has not as many labels as images.
    """
    labels = with_labels(target_images, target_labels)
    return {"images": target_images["test_images"], "labels": labels["test_labels"]}


def _cut(domain: Domain, count: int, splitting: SplittingParams, seed: int) -> Cut:
    return cut(domain, count, splitting, stream(seed, "splitting"))
