"""Virtual adversarial training (Miyato et al., TPAMI 2019, arXiv 1704.03976): predictions that are locally smooth.

pytorch-adapt's ``VATLoss`` predicts an image with batch statistics and dropout, and the perturbed image with running
statistics and another dropout. So most of the difference does not come from the perturbation.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mnistm_da.adaptation.networks.forward import deterministic

PROBE = 1e-3
"""Length of the perturbation at which the gradient is taken: far below any radius, far above float32's rounding."""


def virtual_adversarial_loss(model: nn.Module, images: Tensor, radius: float) -> Tensor:
    """``KL(p(y|x) ‖ p(y|x + r))`` for the r of length ``radius`` that changes predictions most: equations (5) to (12).

    One power iteration from a random direction. All predictions are made with the batch's own statistics and without
    dropout; no gradient flows to those without perturbation.

    Args:
        model: maps ``(N, C, S, S)`` images to ``(N, K)`` logits.
        images: ``(N, C, S, S)`` float32 0–1, of one domain.
        radius: Euclidean length of the perturbation of an image, in pixel values.

    Returns:
        The mean over the images, a scalar.
    """
    with deterministic(model):
        with torch.no_grad():
            clean = model(images).log_softmax(dim=1)
        probe = (PROBE * _unit(torch.randn_like(images))).requires_grad_()
        [gradient] = torch.autograd.grad(_divergence(clean, model(images + probe)), probe)
        return _divergence(clean, model(images + radius * _unit(gradient)))


def _divergence(clean: Tensor, logits: Tensor) -> Tensor:
    return F.kl_div(logits.log_softmax(dim=1), clean, reduction="batchmean", log_target=True)


def _unit(images: Tensor) -> Tensor:
    return images / images.flatten(1).norm(dim=1).clamp(min=1e-12).view(-1, 1, 1, 1)
