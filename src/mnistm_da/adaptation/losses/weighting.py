"""How the loss terms of a pytorch-adapt hook are added up, and how the adaptation grows in the course of training."""

from collections.abc import Mapping
from math import exp

from torch import Tensor


class WeightedSum:
    """Sum of the weighted loss terms, to be given to a pytorch-adapt hook as its ``weighter``.

    pytorch-adapt's own weighters turn every term into a Python float in every step, which waits for the device. This
    one gives the terms back as detached tensors.

    Args:
        weights: weight of each adaptation term by its name; a term that is not named counts once.

    Attributes:
        strength: all adaptation terms are multiplied by it (0–1); see `ramp`.
    """

    def __init__(self, weights: Mapping[str, float] | None = None) -> None:
        self.weights = dict(weights or {})
        self.strength = 1.0

    def __call__(self, losses: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Give the total to call ``backward`` on, and the unweighted, detached terms by the field's names."""
        weights = {name: self.strength * weight for name, weight in self.weights.items()}
        total = sum(weights.get(name, 1.0) * loss for name, loss in losses.items())
        return total, {field_name(name): loss.detach() for name, loss in losses.items()}  # type: ignore[return-value]


def ramp(progress: float, speed: float) -> float:
    """Strength of the adaptation, ``2 / (1 + e^(−speed · progress)) − 1``, 0 to 1: arXiv 1505.07818, equation (14)."""
    return 2 / (1 + exp(-speed * progress)) - 1


def field_name(term: str) -> str:
    """Give the field's word for a pytorch-adapt loss: ``src_c_loss`` → ``classification``."""
    if term.startswith(("c_loss", "src_c_loss")):
        return "classification" + term.partition("c_loss")[2]
    return term.replace("_loss", "").replace("src_", "source_")
