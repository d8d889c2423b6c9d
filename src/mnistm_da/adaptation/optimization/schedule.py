"""How the learning rate falls after its warm-up. A schedule is a function here and its line in `SCHEDULES`."""

from collections.abc import Callable
from math import cos, pi

SCHEDULES: dict[str, Callable[[float], float]] = {
    "cosine": lambda left: (1 - cos(pi * left)) / 2,
    "linear": lambda left: left,
    "constant": lambda left: 1.0,
}
"""By name, for ``training.decay``: a function from the share of the decay that is left (1–0) to the share of the peak
(0–1)."""


def share_of_peak(done: float, warmup: float, decay: str) -> float:
    """Give the learning rate as a share of its peak.

    Args:
        done: share of the steps that are over (0–1).
        warmup: share of the steps in which it rises linearly.
        decay: a name in `SCHEDULES`.
    """
    if done < warmup:
        return done / warmup
    return SCHEDULES[decay](1 - (done - warmup) / (1 - warmup))
