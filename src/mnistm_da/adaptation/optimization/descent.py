"""A step of gradient descent: of one optimizer or of several, and of some networks while others are left alone."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class Together:
    """Several optimizers that step as one.

    Args:
        optimizers: each with other parameters.
    """

    def __init__(self, *optimizers: torch.optim.Optimizer) -> None:
        self.optimizers = optimizers

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for optimizer in self.optimizers:
            optimizer.zero_grad()

    def step(self) -> None:
        """Do one step of each."""
        for optimizer in self.optimizers:
            optimizer.step()


def descend(optimizer: torch.optim.Optimizer | Together, loss: Tensor) -> Tensor:
    """Do one step of gradient descent, and give the detached loss."""
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


@contextmanager
def frozen(*modules: nn.Module) -> Iterator[None]:
    """Freeze these modules: no gradients are computed for weights that the loss computed within does not train.

    The step is the same to the bit, and takes less time.
    """
    for module in modules:
        module.requires_grad_(False)
    try:
        yield
    finally:
        for module in modules:
            module.requires_grad_(True)
