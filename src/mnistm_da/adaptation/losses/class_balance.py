"""The class balance loss of French et al., ICLR 2018 (arXiv 1706.05208)."""

import torch
from torch import Tensor
from torch.nn import functional as F


def class_balance(logits: Tensor) -> Tensor:
    """Give the binary cross-entropy of a batch's mean class probabilities and uniform ones, summed over the classes.

    It is smallest, though not 0, where each of the C classes has a share of 1/C; a class that is never predicted costs
    much. It does not look at labels; it assumes that no class is rare.

    Args:
        logits: ``(N, C)`` float32.
    """
    shares = logits.softmax(dim=1).mean(dim=0)
    return F.binary_cross_entropy(shares, torch.full_like(shares, 1 / len(shares)), reduction="sum")
