"""Scores of a checkpoint that need no target label, the choice by them, and how far they can be trusted.

The validators are pytorch-adapt's where they stand alone; its DEV trains nine networks and loads pickled
checkpoints, so its risk is used here with weights from a logistic regression.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import torch
from pytorch_adapt.validators import (
    AccuracyValidator,
    BNMValidator,
    ClassClusterValidator,
    DiversityValidator,
    EntropyValidator,
    IMValidator,
    SNDValidator,
)
from pytorch_adapt.validators.deep_embedded_validator import get_dev_risk
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits
from torch import Tensor
from torch.nn import functional as F

from mnistm_da.errors import UserError, unknown
from mnistm_da.parameters import LAST


@dataclass(frozen=True)
class Outputs:
    """What a model gives for a validation split.

    Attributes:
        features: ``(N, D)`` float32.
        logits: ``(N, K)`` float32.
        labels: ``(N,)`` int64; of the source only.
    """

    features: Tensor
    logits: Tensor
    labels: Tensor | None = None

    def none(self) -> "Outputs":
        """Give the outputs of no image, for a split that may not be read."""
        return Outputs(self.features[:0], self.logits[:0], torch.empty(0, dtype=torch.int64))

    def as_dict(self) -> dict[str, Tensor]:
        """Give them by pytorch-adapt's names."""
        named = {"features": self.features, "logits": self.logits, "preds": self.logits.softmax(dim=1)}
        return named if self.labels is None else named | {"labels": self.labels}


def _of_target(validator: Any, source: Outputs, target: Outputs) -> float:
    return float(validator(target_train=target.as_dict()))


def _accuracy(source: Outputs, target: Outputs) -> float:
    return float(AccuracyValidator()(src_val=source.as_dict()))


def _class_cluster(source: Outputs, target: Outputs) -> float:
    # Its own PCA would be drawn at random, without a seed.
    validator = ClassClusterValidator(centroid_init="label_centers", feat_normalizer=_principal_components)
    with threadpool_limits(limits=1):
        return _of_target(validator, source, target)


def _principal_components(features: Tensor) -> Tensor:
    kept = min(50, *features.shape)
    return torch.from_numpy(PCA(kept, random_state=0).fit_transform(features.numpy()))


def deep_embedded_validation(source: Outputs, target: Outputs) -> float:
    """DEV: the source's loss reweighted to the target, with a control variate (You et al., ICML 2019), negated.

    The density ratio of the domains at each source image comes from a logistic regression of the features.
    """
    assert source.labels is not None
    both = np.concatenate([source.features, target.features]).astype(np.float64)
    is_source = np.repeat([1, 0], [len(source.features), len(target.features)])
    with threadpool_limits(limits=1):
        scaled = StandardScaler().fit_transform(both)
        probability = LogisticRegression(C=0.01, max_iter=1000).fit(scaled, is_source).predict_proba(scaled)
    ratio = probability[: len(source.features), 0] / probability[: len(source.features), 1]
    ratio *= len(source.features) / len(target.features)
    loss = F.cross_entropy(source.logits, source.labels, reduction="none").numpy().astype(np.float64)
    if np.ptp(ratio) == 0:  # nothing varies that the control variate could follow
        return -float(ratio[0] * loss.mean())
    return -float(get_dev_risk(torch.from_numpy(ratio)[:, None], torch.from_numpy(loss)[:, None], None))


VALIDATORS: dict[str, Callable[[Outputs, Outputs], float]] = {
    "im": partial(_of_target, IMValidator()),
    "entropy": partial(_of_target, EntropyValidator()),
    "diversity": partial(_of_target, DiversityValidator()),
    "bnm": partial(_of_target, BNMValidator()),
    "snd": partial(_of_target, SNDValidator()),
    "dev": deep_embedded_validation,
    "class_cluster": _class_cluster,
    "source_accuracy": _accuracy,
}
"""Name to function of the source's and the target's validation outputs; higher is better for each."""

READ_SOURCE = frozenset({"dev", "source_accuracy"})
"""Those that look at the source's; the others do not."""


def unavailable(source: int, target: int, classes: int) -> dict[str, str]:
    """Say of each validator that cannot be computed from so few images why not.

    Args:
        source: validation images of the source.
        target: of the target.
        classes: that the images are of.
    """
    found = {"source": source, "target": target}
    needs = {"dev": ("source", 2), "class_cluster": ("target", classes), "source_accuracy": ("source", 1)}
    return {
        name: f"it needs at least {least} {domain} validation images, and there {_are(found[domain])}"
        for name, (domain, least) in needs.items()
        if found[domain] < least
    }


def _are(count: int) -> str:
    return "is one image" if count == 1 else f"are {count}"


def validate(source: Outputs, target: Outputs, only: Collection[str] | None = None) -> dict[str, float]:
    """Give the score of every validator, or of some ``only``; NaN of one that is `unavailable`."""
    without = unavailable(len(source.logits), *target.logits.shape)
    wanted = VALIDATORS if only is None else {name: VALIDATORS[name] for name in only}
    return {name: np.nan if name in without else score(source, target) for name, score in wanted.items()}


def choose(validation: pd.DataFrame, by: str) -> int:
    """Pick an epoch.

    Args:
        validation: a row per checkpoint: ``epoch`` and a column per validator.
        by: ``last`` or the name of a validator; the later of equally good epochs is picked.

    Returns:
        The epoch.

    Raises:
        UserError: no such validator, or it gave no finite score.
    """
    if by == LAST:
        return int(validation["epoch"].max())
    if by not in VALIDATORS:
        raise UserError(unknown("validator", by, [LAST, *VALIDATORS]))
    scores = validation.sort_values("epoch", ascending=False).set_index("epoch")[by]
    if not np.isfinite(scores).any():
        raise UserError(f"validator '{by}' gave no finite score for any checkpoint; select by another")
    return int(scores.index[int(np.nanargmax(scores))])


def assess_validators(judged: pd.DataFrame) -> dict[str, dict[str, float | int | None]]:
    """Say of each way to select what it would have picked, and how its scores rank the checkpoints.

    Args:
        judged: ``epoch``, a column per validator, and ``target_test_accuracy`` (0–1), which selection never sees.

    Returns:
        For ``last``, each validator and ``oracle`` (the best in hindsight, not a result): ``epoch``,
        ``target_test_accuracy`` and ``rank_correlation`` (Spearman's, −1 to 1; None where it is undefined).
    """
    accuracy = judged.set_index("epoch")["target_test_accuracy"]
    picks = {LAST: choose(judged, LAST)}
    picks |= {name: choose(judged, name) for name in VALIDATORS if np.isfinite(judged[name]).any()}
    picks["oracle"] = int(accuracy.index[int(accuracy.argmax())])
    ranks = judged.rank()
    correlation = {
        name: ranks[name].corr(ranks["target_test_accuracy"])
        for name in VALIDATORS
        if ranks[name].nunique() > 1 and accuracy.nunique() > 1
    }
    return {
        name: {
            "epoch": epoch,
            "target_test_accuracy": float(accuracy[epoch]),
            "rank_correlation": float(correlation[name]) if name in correlation else None,
        }
        for name, epoch in picks.items()
    }
