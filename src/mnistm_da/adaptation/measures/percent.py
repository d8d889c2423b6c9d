"""Accuracies as people read them: in percent, with no more decimals than the test images give, and with their error."""

from math import floor, log10, sqrt

DEMONSTRATION = "is a small demonstration model"
"""The kind of a small model for show, for `introduce`."""


def decimals(count: int) -> int:
    """Give the decimals of a percentage of ``count`` images: two for 10,000 images or more, else one."""
    return max(1, min(2, floor(log10(max(1, count))) - 2))


def percent(share: float, count: int) -> str:
    """Write a share of ``count`` images in percent.

    Args:
        share: 0–1.
        count: of the images that it is a share of.
    """
    return f"{100 * share:.{decimals(count)}f}"


def percent_with_error(share: float, count: int) -> str:
    """Write an accuracy in percent with its binomial standard error, √(p (1 − p) / n), unless that is printed as 0.

    Args:
        share: p, 0–1.
        count: n, the test images.

    Returns:
        Such as ``84.1 ± 1.2``.
    """
    error = percent(sqrt(share * (1 - share) / count), count) if count else "0"
    return f"{percent(share, count)} ± {error}" if float(error) else percent(share, count)


def introduce(model: str, kind: str, share: float, count: int) -> str:
    """Say of what kind a model is, with its own accuracy.

    Args:
        model: the algorithm.
        kind: what the model is or does, such as `DEMONSTRATION`.
        share: of the target test images that it classifies correctly, 0–1.
        count: of these images.
    """
    return f"This {model} {kind}: {percent_with_error(share, count)} % of {count:,} target test images are right."
