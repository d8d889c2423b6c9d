"""Losses of several sources, and how they become one (Zhao et al., NeurIPS 2018, arXiv 1705.09684)."""

import torch
from torch import Tensor


def mean_by_source(losses: Tensor, domains: Tensor, sources: int) -> tuple[Tensor, Tensor]:
    """Give the mean of each loss over the images of each source.

    Args:
        losses: ``(L, B)`` floats, L losses of B images.
        domains: ``(B,)`` int64, the number of each image's source.
        sources: M, how many there are.

    Returns:
        The means, ``(L, M)``, 0 where a source has no image; and which sources have one, ``(M,)`` bool.
    """
    belongs = torch.nn.functional.one_hot(domains, sources).to(losses.dtype)
    counts = belongs.sum(dim=0)
    return losses @ belongs / counts.clamp(min=1), counts > 0


def soft_maximum(losses: Tensor, is_there: Tensor, sharpness: float) -> tuple[Tensor, Tensor]:
    """Give ``1/γ · log Σᵢ exp(γ lossᵢ)``, the smooth upper bound of the largest loss, over the sources that are there.

    Args:
        losses: ``(M,)`` floats.
        is_there: ``(M,)`` bool, at least one.
        sharpness: γ, greater than 0.

    Returns:
        The bound, and each source's share of its gradient: ``(M,)`` without gradient, with a sum of 1.
    """
    scaled = (sharpness * losses).masked_fill(~is_there, -torch.inf)
    return scaled.logsumexp(dim=0) / sharpness, scaled.detach().softmax(dim=0)
