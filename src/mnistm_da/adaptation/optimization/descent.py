"""A step of gradient descent, and networks that one leaves alone."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn


def descend(optimizer: torch.optim.Optimizer | Sequence[torch.optim.Optimizer], loss: Tensor) -> Tensor:
    """Do one step of gradient descent, of one optimizer or of several, and give the detached loss."""
    optimizers = optimizer if isinstance(optimizer, Sequence) else [optimizer]
    for each in optimizers:
        each.zero_grad()
    loss.backward()
    for each in optimizers:
        each.step()
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
