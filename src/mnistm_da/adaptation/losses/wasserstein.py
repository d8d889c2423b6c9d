"""Wasserstein-1 distance by a critic (Shen et al., AAAI 2018, arXiv 1707.01217)."""

import torch
from torch import Tensor, nn


def critic_distance(critic: nn.Module, source: Tensor, target: Tensor) -> Tensor:
    """``mean f(source) − mean f(target)``: the Wasserstein-1 distance if f is the best 1-Lipschitz critic.

    Args:
        critic: maps ``(N, D)`` to ``(N, 1)``.
        source: ``(Ns, D)`` features.
        target: ``(Nt, D)`` features.
    """
    return critic(source).mean() - critic(target).mean()


def gradient_penalty(critic: nn.Module, source: Tensor, target: Tensor) -> Tensor:
    """Mean of ``(‖∇f‖₂ − 1)²`` at the features of both domains and at random points between them: equation (3).

    Args:
        critic: maps ``(N, D)`` to ``(N, 1)``, without batch norm, whose gradient would not be that of one image.
        source: ``(N, D)`` features, detached.
        target: ``(N, D)`` features, detached.
    """
    share = torch.rand(len(source), 1, device=source.device)
    points = torch.cat([source, target, share * source + (1 - share) * target]).requires_grad_()
    [gradient] = torch.autograd.grad(critic(points).sum(), points, create_graph=True)
    return (gradient.norm(dim=1) - 1).square().mean()
