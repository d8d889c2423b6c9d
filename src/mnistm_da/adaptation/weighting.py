"""How the loss terms of a pytorch-adapt hook are added up."""

from collections.abc import Mapping

from torch import Tensor


class WeightedSum:
    """Sum of the weighted loss terms, to be given to a pytorch-adapt hook as its ``weighter``.

    pytorch-adapt's own weighters turn every term into a Python float in every step, which waits for the
    device; this one hands the terms back as detached tensors.

    Args:
        weights: weight of each term by its name; a term that is not named counts once.
    """

    def __init__(self, weights: Mapping[str, float] | None = None) -> None:
        self.weights = dict(weights or {})

    def __call__(self, losses: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Give the total to call ``backward`` on, and the unweighted, detached terms by the field's names."""
        total = sum(self.weights.get(name, 1.0) * loss for name, loss in losses.items())
        return total, {field_name(name): loss.detach() for name, loss in losses.items()}  # type: ignore[return-value]


def field_name(term: str) -> str:
    """Give the field's word for a pytorch-adapt loss: ``src_c_loss`` → ``classification``."""
    if term == "c_loss" or term.startswith("src_c_loss"):
        return "classification" + term.partition("c_loss")[2]
    return term.removesuffix("_loss").replace("src_", "source_")
