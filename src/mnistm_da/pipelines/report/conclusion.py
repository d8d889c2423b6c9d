"""What the numbers of a report say, in two or three sentences, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnistm_da.adaptation.measures import intervals
from mnistm_da.adaptation.measures.estimate_errors import ESTIMATES
from mnistm_da.adaptation.measures.intervals import Interval

from .runs import Run, SavedParts, is_of
from .scores import Result

NAMED_ESTIMATES = 3
"""Runs whose estimates are told; those of the others stand at each run."""


SEEDS, IMAGES = "seeds", "test images"


@dataclass(frozen=True)
class Difference:
    """How far two results are apart, as a fraction 0–1.

    Attributes:
        value: the first less the second.
        interval: of it, 95 %; none where no interval can be known.
        over: the source of chance in it: `SEEDS` or `IMAGES`.
    """

    value: float
    interval: Interval | None = None
    over: str = ""

    def written(self) -> str:
        """Write its size in points, and the interval of that."""
        size = f"{_points(abs(self.value))} points"
        if not self.interval:
            return size
        low, high = self.interval if self.value >= 0 else (-self.interval.high, -self.interval.low)
        return f"{size} ({_points(low)} to {_points(high)})"


def conclude(headline: dict[str, Any], runs: Sequence[Run], data: SavedParts) -> tuple[list[str], list[str]]:
    """Say the best adaptation's gain, its distance from the upper bound, and what could be known without labels.

    Args:
        headline: see `scores.headline`.
        runs: of single algorithms.
        data: of the domains; its ``target_test`` tells which predictions are right.

    Returns:
        Two or three sentences, and what has to be known to read them; none without an adaptation.
    """
    best: Result | None = headline["best"]
    if best is None:
        return [], []
    if best.last is None:
        return _of_unlabelled([run for run in runs if not run.entry.is_bound]), []
    by_name = {run.name: run for run in runs}
    gain = _difference(best, headline["lower"], by_name, data)
    rest = _difference(best, headline["upper"], by_name, data)
    said = [_gain(best, gain), _distance(rest), _estimate(by_name.get(best.algorithm))]
    return [*filter(None, said)], _caveats(headline, [one for one in (gain, rest) if one])


def _difference(first: Result, second: Result | None, runs: dict[str, Run], data: SavedParts) -> Difference | None:
    """Compare like with like: several seeds with several, or one run with one on the same images."""
    if second is None or first.last is None or second.last is None:
        return None
    value = first.last - second.last
    if first.deviation is not None and second.deviation is not None:
        interval = intervals.of_difference_of_means(
            first.last, first.deviation, first.seeds, second.last, second.deviation, second.seeds
        )
        return Difference(value, interval, SEEDS)
    if not (first.images and second.images):
        return Difference(value)
    right = [_right(row, runs[row.algorithm], data) for row in (first, second)]
    if right[0] is not None and right[1] is not None:
        interval = intervals.of_paired_difference(right[0], right[1])
    else:
        interval = intervals.of_difference_of_shares(first.last, first.images, second.last, second.images)
    return Difference(value, interval, IMAGES)


def _right(row: Result, run: Run, data: SavedParts) -> np.ndarray | None:
    """Give which target test images the last epoch classifies correctly, ``(N,)`` bool, where that is still known."""
    if "predictions" not in run.parts or not is_of(run.parts["predictions"], data, "target_test"):
        return None
    if run.metrics["target_test"]["accuracy"] != row.last:  # the predictions are of an epoch that a validator picked
        return None
    right: np.ndarray = run.load("predictions")["target"].argmax(axis=1) == data["target_test"].load()["labels"]
    return right


def _gain(best: Result, gain: Difference | None) -> str:
    assert best.last is not None
    reads = f"{best.algorithm} classifies {_points(best.last)} % of the target’s test images correctly"
    if gain is None:
        return f"{reads}. What it gains is not known: source_only, which is not adapted, has not been run."
    if gain.interval and gain.interval.holds_zero:
        return f"{reads}. Whether it gains anything is not shown: it differs from source_only by {gain.written()}."
    if gain.value < 0:
        return f"{reads}, which is {gain.written()} fewer than source_only, without adaptation: here it does harm."
    return f"{reads}, {gain.written()} more than source_only, which is not adapted."


def _distance(rest: Difference | None) -> str:
    if rest is None:
        return "How far that is from the upper bound is not known: target_only has not been run."
    if rest.interval and rest.interval.holds_zero:
        return f"No distance from target_only, which is trained on target labels, is shown: {rest.written()}."
    side = "above" if rest.value > 0 else "below"
    return f"It is {rest.written()} {side} target_only, which is trained on target labels."


def _estimate(run: Run | None) -> str:
    if run is None or not run.is_scored or not run.metrics.get("estimated_accuracy"):
        return ""
    accuracy = run.metrics["target_test"]["accuracy"]
    told = f"For seed {run.metrics['seed']}, {_estimates(run)} without any target label"
    return f"{told}; {_points(accuracy)} % are correct."


def _of_unlabelled(adapted: Sequence[Run]) -> list[str]:
    told = [f"for {run.name}, {_estimates(run)}" for run in adapted if run.metrics.get("estimated_accuracy")]
    if not told:
        return []
    more = f" (and {len(told) - NAMED_ESTIMATES} more below)" if len(told) > NAMED_ESTIMATES else ""
    return [
        "The target has no labels, so no gain can be computed.",
        f"Estimates instead of accuracies: {'; '.join(told[:NAMED_ESTIMATES])}{more}.",
    ]


def _estimates(run: Run) -> str:
    shares = run.metrics["estimated_accuracy"]
    return " and ".join(f"{ESTIMATES[name]} estimates {100 * share:.0f} %" for name, share in shares.items())


def _caveats(headline: dict[str, Any], differences: Sequence[Difference]) -> list[str]:
    found = []
    rows = [row for row in (headline["lower"], headline["best"], headline["upper"]) if row]
    over = {one.over for one in differences}
    if SEEDS in over:
        found.append("In brackets: 95 % intervals over seeds.")
    if IMAGES in over:
        found.append("In brackets: 95 % intervals over the test images of one seed; other seeds can differ by more.")
    if "" in over:
        found.append("A difference without an interval is not of several seeds on both sides: it may be chance.")
    if len({row.epochs for row in rows}) > 1:
        found.append("These models were not trained for the same number of epochs.")
    if headline["of"] > 1:
        found.append(
            f"It is the highest of {headline['of']} adaptations by the test labels, so its accuracy is flattered."
        )
    return found


def _points(share: float) -> str:
    return f"{100 * share:.1f}".replace("-", "−")
