"""The two sides of a generative adversarial network (Goodfellow et al., NeurIPS 2014, arXiv 1406.2661)."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

REAL = 0.9
"""The discriminator's label of a real image; less than 1, or it becomes too sure (arXiv 1606.03498)."""

MOMENTUM = 0.5
"""β₁ of Adam for both sides, with the usual 0.9 of which they oscillate (DCGAN, arXiv 1511.06434, §4)."""


def discrimination(discriminator: nn.Module, real: Tensor, made: Tensor) -> Tensor:
    """Cross-entropy of a discriminator on real and made images: the mean of both kinds.

    Args:
        discriminator: maps images to logits ``(N,)``, the log-odds of a real one.
        real: ``(N, C, S, S)`` float32 0–1.
        made: ``(N, C, S, S)`` float32 0–1; no gradient flows to what made them.
    """
    on_real, on_made = discriminator(real), discriminator(made.detach())
    loss = F.binary_cross_entropy_with_logits(on_real, torch.full_like(on_real, REAL))
    return (loss + F.binary_cross_entropy_with_logits(on_made, torch.zeros_like(on_made))) / 2


def realistic(discriminator: nn.Module, made: Tensor) -> Tensor:
    """Non-saturating loss of a network that makes images ``(N, C, S, S)``: small where they are taken for real."""
    logits = discriminator(made)
    return F.binary_cross_entropy_with_logits(logits, torch.ones_like(logits))
