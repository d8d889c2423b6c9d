"""Contrastive domain discrepancy (Kang et al., CVPR 2019, arXiv 1901.00976)."""

import torch
from torch import Tensor
from torch.nn import functional as F


def contrastive_domain_discrepancy(
    source: Tensor, source_labels: Tensor, target: Tensor, target_labels: Tensor, *, classes: int, kernels: int = 5
) -> Tensor:
    """MMD² between the same classes of the domains, less that between different classes: equations (3) to (5).

    ``D_cc' = mean k(s, s) + mean k(t, t) − 2 mean k(s, t)`` over source images of class c and target images of class
    c', with ``k = Σ_m exp(−d²·2^m/δ)/K`` and δ the mean squared distance of all images, without gradient. The result is
    the mean of D_cc over classes less the mean of D_cc' over pairs of different classes. Only classes that both domains
    have in the batch count; 0 where there is none.

    Args:
        source: ``(Ns, D)`` features.
        source_labels: ``(Ns,)`` int64, from 0 to below ``classes``.
        target: ``(Nt, D)`` features.
        target_labels: ``(Nt,)`` int64, assumed; likewise, or −1 for images to be left out.
        classes: how many there are.
        kernels: number K of Gaussian kernels.
    """
    # (N, classes) memberships, each column scaled to sum to one, so that products with the kernel are class means
    members = [_membership(labels, classes) for labels in (source_labels, target_labels)]
    present = (members[0].sum(dim=0) > 0) & (members[1].sum(dim=0) > 0)
    of_source, of_target = (m / m.sum(dim=0).clamp(min=1) for m in members)
    both = torch.cat([source, target])
    distance = torch.cdist(both, both, compute_mode="donot_use_mm_for_euclid_dist").square()
    bandwidth = distance.detach().mean().clamp(min=1e-12)
    scales = 2.0 ** (torch.arange(kernels, device=both.device) - (kernels - 1) / 2)
    kernel = torch.stack([torch.exp(-distance * scale / bandwidth) for scale in scales]).mean(dim=0)
    n = len(source)
    within_source = (of_source.T @ kernel[:n, :n] @ of_source).diagonal()
    within_target = (of_target.T @ kernel[n:, n:] @ of_target).diagonal()
    across = of_source.T @ kernel[:n, n:] @ of_target
    pairs = within_source[:, None] + within_target[None, :] - 2 * across
    same = torch.diag(present.to(pairs.dtype))
    different = torch.outer(present, present).to(pairs.dtype) - same
    return _mean(pairs, same) - _mean(pairs, different)


def _membership(labels: Tensor, classes: int) -> Tensor:
    return F.one_hot(labels.clamp(min=0), classes).float() * (labels >= 0)[:, None]


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    return (values * weights).sum() / weights.sum().clamp(min=1)
