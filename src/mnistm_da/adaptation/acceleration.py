"""What makes a GPU fast: half-precision arithmetic and compiled networks. The step of an algorithm knows of neither."""

from contextlib import AbstractContextManager

import torch
from torch import Tensor, nn

from ..parameters import TrainingParams


def precision(params: TrainingParams, device: torch.device) -> AbstractContextManager[None]:
    """Open the context of a training step: matrix products and convolutions in the precision of the parameters."""
    return torch.autocast(device.type, torch.bfloat16, enabled=params.precision == "bfloat16")


def accelerate(networks: nn.ModuleDict, params: TrainingParams, device: torch.device) -> None:
    """Prepare the networks in place: what comes out of them is float32 again, and they are compiled if so asked.

    A processor compiles nothing: there the graph is taken, and run as it is, so that the way is the same.
    """
    for network in networks.values():
        if params.precision == "bfloat16":
            network.register_forward_hook(_as_float32)
        if params.compile:
            network.compile(backend="inductor" if device.type == "cuda" else "aot_eager")


def _as_float32(network: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
    return output.float()
