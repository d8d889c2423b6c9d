"""Use of the networks: their input, their chunks, and the switch for their randomness."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


def as_input(images: Tensor, channels: int = 3) -> Tensor:
    """Turn stored images into network input.

    Args:
        images: ``(N, 1 or C, H, W)`` uint8 0–255.
        channels: C, of the format that the networks are made for.

    Returns:
        ``(N, C, H, W)`` float32 0–1, channels last in memory, in which convolutions are faster; a grey image is
        repeated over the channels.
    """
    repeated = images.expand(-1, channels, -1, -1)
    return repeated.to(torch.float32, memory_format=torch.channels_last).div_(255)


def chunks(images: Tensor, size: int = 250) -> tuple[Tensor, ...]:
    """Cut images into chunks whose sizes differ by one at most.

    Batch norm takes its statistics from them: a small rest at the end would have none.

    Args:
        images: ``(N, …)``.
        size: of a chunk, at most.
    """
    return images.tensor_split(-(-len(images) // size))


@contextmanager
def deterministic(model: nn.Module) -> Iterator[None]:
    """Switch dropout off within, and the updates of batch norm's running statistics, but not its batch statistics."""
    dropouts = [m for m in model.modules() if isinstance(m, nn.modules.dropout._DropoutNd) and m.training]
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    momentum = [norm.momentum for norm in norms]
    for dropout in dropouts:
        dropout.eval()
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for dropout in dropouts:
            dropout.train()
        for norm, before in zip(norms, momentum, strict=True):
            norm.momentum = before
