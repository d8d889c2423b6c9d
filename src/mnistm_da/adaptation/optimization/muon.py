"""Muon (Jordan et al., 2024, kellerjordan.github.io/posts/muon/): momentum whose singular values are made nearly equal.

PyTorch's own `torch.optim.Muon` refuses the weights of convolutions; this one reads them as matrices, a row for each
map that they make.
"""

import torch
from torch import Tensor, nn

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
"""Coefficients of the quintic iteration."""


class Muon(torch.optim.Optimizer):
    """Steps that are about as long in all directions of a weight matrix, and decoupled weight decay.

    Args:
        weights: each of two dimensions or more; the first is that of the outputs.
        lr: learning rate. A step's entries are, in root mean square, as large as AdamW's usually are at this rate
            (0.2, Liu et al., arXiv 2502.16982, equation 4).
        weight_decay: share of a weight that a step takes off, per unit of the learning rate.
        momentum: of the gradients (0–1), Nesterov's.
    """

    def __init__(self, weights: list[nn.Parameter], lr: float, weight_decay: float, momentum: float = 0.95) -> None:
        super().__init__(weights, {"lr": lr, "weight_decay": weight_decay, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Do one step with the gradients that are there."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    self._step(weight, weight.grad, group["lr"], group["weight_decay"], group["momentum"])

    def _step(self, weight: Tensor, gradient: Tensor, rate: float, decay: float, momentum: float) -> None:
        state = self.state[weight]
        if not state:
            state["momentum"] = torch.zeros_like(weight)
        state["momentum"].lerp_(gradient, 1 - momentum)
        direction = orthogonal(gradient.lerp(state["momentum"], momentum).flatten(1))
        size = 0.2 * max(direction.shape) ** 0.5
        weight.mul_(1 - rate * decay).sub_(direction.view(weight.shape), alpha=rate * size)


def orthogonal(matrix: Tensor) -> Tensor:
    """Give a matrix ``(M, N)`` float32 with the same singular vectors and nearly equal singular values.

    Those of at least 0.0015 of the matrix's norm end between 0.68 and 1.2, by five iterations; smaller ones stay
    smaller.
    """
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    wide = wide / (wide.norm() + 1e-7)  # largest singular value at most 1
    first, third, fifth = NEWTON_SCHULZ
    for _ in range(5):
        squared = wide @ wide.T
        wide = first * wide + (third * squared + fifth * squared @ squared) @ wide
    return wide if matrix.shape[0] <= matrix.shape[1] else wide.T
