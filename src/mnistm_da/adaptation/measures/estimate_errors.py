"""How far the estimates of the target accuracy were off, where labels are known: `estimate_errors.json` has each run.

All that is told of it is made from that file: the sentence in terminal, report and model card, and the table in
`docs/estimates.md`.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from statistics import fmean
from typing import Any

from mnistm_da.registry import ALGORITHMS

ESTIMATES = {"atc": "ATC", "doc": "DoC"}
"""The names of the estimates: average thresholded confidence, difference of confidences."""

HEADER = """\
| source → target | algorithm | seeds | target accuracy | ATC | its error | DoC | its error |
|---|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Checked:
    """A run whose target has labels; all shares are 0–1.

    Attributes:
        source: title of the source.
        target: title of the target.
        algorithm: name in the registry.
        seed: of the run.
        accuracy: on the target's test images.
        atc: its estimate by `average_thresholded_confidence`.
        doc: its estimate by `difference_of_confidences`.
    """

    source: str
    target: str
    algorithm: str
    seed: int
    accuracy: float
    atc: float
    doc: float

    @property
    def is_adapted(self) -> bool:
        """Whether it is an adaptation, not a bound."""
        return not ALGORITHMS[self.algorithm].is_bound

    def error(self, estimate: str) -> float:
        """Give by how many points an estimate is too high."""
        return 100 * float(getattr(self, estimate) - self.accuracy)


def checked(metrics: dict[str, Any], source: str, target: str) -> Checked:
    """Take a row of the record from the scores of a run, see `evaluate`."""
    shares = {"accuracy": metrics["target_test"]["accuracy"]} | metrics["estimated_accuracy"]
    rounded = {name: round(share, 4) for name, share in shares.items()}
    return Checked(source, target, metrics["algorithm"], metrics["seed"], **rounded)


def record() -> list[Checked]:
    """Give every run of the record."""
    return [
        Checked(**row) for row in json.loads(files(__package__).joinpath("estimate_errors.json").read_text("utf-8"))
    ]


def told(runs: Sequence[Checked] | None = None) -> str:
    """Say in three sentences how far off the estimates were.

    Args:
        runs: of the record, some before adaptation and some after it; None: all.
    """
    runs = record() if runs is None else runs
    cases = _cases(runs)
    before, after = ([case for case in cases if case[0].is_adapted is adapted] for adapted in (False, True))
    pairs = {(run.source, run.target) for run in runs}
    errors = "; ".join(
        f"{shown} {_mean_and_largest(before, name)} before adaptation, {_mean_and_largest(after, name)} after"
        for name, shown in ESTIMATES.items()
    )
    too_high = " and ".join(
        f"{shown} was too high in {sum(_error(case, name) > 0 for case in after)}" for name, shown in ESTIMATES.items()
    )
    return (
        f"{len(runs)} runs on {len(pairs)} pairs of digit sets have labels. The mean error of their algorithms and the "
        f"largest of a run were, in points: {errors}. After adaptation, {too_high} of {len(after)} adaptations, "
        "each the mean of its seeds."
    )


def _cases(runs: Iterable[Checked]) -> list[list[Checked]]:
    """Put the seeds of each algorithm on each pair together, so that an algorithm with many seeds counts once."""
    cases: dict[tuple[str, str, str], list[Checked]] = {}
    for run in runs:
        cases.setdefault((run.source, run.target, run.algorithm), []).append(run)
    return list(cases.values())


def _error(case: Iterable[Checked], estimate: str) -> float:
    return fmean(run.error(estimate) for run in case)


def _mean_and_largest(cases: Iterable[Sequence[Checked]], estimate: str) -> str:
    """Take the size of each run's error before anything is averaged, so that errors do not cancel each other."""
    errors = [[abs(run.error(estimate)) for run in case] for case in cases]
    return f"{fmean(map(fmean, errors)):.0f} and {max(map(max, errors)):.0f}"


def write_markdown(runs: Sequence[Checked] | None = None) -> str:
    """Write the record as a table, a row per pair and algorithm: means over the seeds in %, errors in points.

    Args:
        runs: of the record; None: all.
    """
    return HEADER + "".join(_row(case) for case in _cases(record() if runs is None else runs))


def _row(case: Sequence[Checked]) -> str:
    first = case[0]
    cells = [f"{first.source} → {first.target}", f"`{first.algorithm}`", str(len(case))]
    cells.append(f"{100 * fmean(run.accuracy for run in case):.1f}")
    for name in ESTIMATES:
        error = f"{_error(case, name):+.1f}".replace("-", "−")
        cells += [f"{100 * fmean(getattr(run, name) for run in case):.1f}", error]
    return f"| {' | '.join(cells)} |\n"
