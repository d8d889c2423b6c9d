"""The largest of several losses, smoothly (Zhao et al., NeurIPS 2018, arXiv 1705.09684, the soft version of MDAN)."""

from torch import Tensor


def soft_maximum(losses: Tensor, sharpness: float) -> tuple[Tensor, Tensor]:
    """Give ``1/γ · log Σᵢ exp(γ lossᵢ)``, a smooth upper bound of the largest loss.

    Args:
        losses: ``(M,)`` floats.
        sharpness: γ, greater than 0.

    Returns:
        The bound, and each loss's share of its gradient: ``(M,)`` without gradient, with a sum of 1.
    """
    scaled = sharpness * losses
    return scaled.logsumexp(dim=0) / sharpness, scaled.detach().softmax(dim=0)
