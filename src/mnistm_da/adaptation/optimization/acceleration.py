"""Faster training: half-precision arithmetic and compiled networks. An algorithm knows of neither."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from mnistm_da.adaptation.algorithm import Algorithm
from mnistm_da.errors import UserError
from mnistm_da.parameters import TrainingParams


def compile_networks(algorithm: Algorithm, params: TrainingParams, device: torch.device) -> None:
    """Let torch compile the networks in place, if the parameters ask for it.

    On a processor, torch captures the graph and runs it with the kernels that it has. So tests without a GPU take the
    same path.

    Raises:
        UserError: the algorithm needs exact networks.
    """
    check_exact(type(algorithm), params)
    for network in (*algorithm.networks.values(), *algorithm.memory.values()):
        if params.compile:
            network.compile(backend="inductor" if device.type == "cuda" else "aot_eager")


@contextmanager
def in_precision(algorithm: Algorithm, params: TrainingParams, device: torch.device) -> Iterator[None]:
    """Let the networks compute in the precision that the parameters ask for, inside the context only.

    Only the inside of a network is in the lower precision. Its outputs are float32, and so are losses, gradients and
    the optimizer. Algorithms that look into the classifier (`Algorithm.bottleneck`) compute its layers in float32,
    which costs little beside the feature extractor. Modules without parameters, such as a memory of features or a
    random projection, stay in float32.
    """
    lowered = []
    if with_precision(params, type(algorithm), device).precision == "bfloat16":
        networks = (*algorithm.networks.values(), *algorithm.memory.values())
        lowered = [network for network in networks if any(True for _ in network.parameters())]
    for network in lowered:
        _lower_precision(network, device)
    try:
        yield
    finally:
        for network in lowered:
            del network.forward  # the class's own is behind it


def with_precision(params: TrainingParams, algorithm: type[Algorithm], device: torch.device) -> TrainingParams:
    """Give the parameters with ``auto`` replaced by the precision that this algorithm is trained in on this device."""
    if params.precision != "auto":
        return params
    lower = has_bfloat16(device) and not algorithm.needs_exact_networks
    return params.model_copy(update={"precision": "bfloat16" if lower else "float32"})


def has_bfloat16(device: torch.device) -> bool:
    """Say whether a device multiplies bfloat16 matrices by instructions made for it; elsewhere it would be slower.

    Of a processor, these are x86's AVX512_BF16 and AMX; no other was measured.
    """
    if device.type == "cuda":
        with torch.cuda.device(device):
            return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type != "cpu":
        return False
    told: Mapping[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()  # an earlier torch does not tell
    return any(told.get(name, False) for name in ("avx512_bf16", "amx_bf16"))


def check_exact(algorithm: type[Algorithm], params: TrainingParams) -> None:
    """Refuse to accelerate an algorithm that needs exact networks.

    Raises:
        UserError: names the parameters that it can be trained with.
    """
    if algorithm.needs_exact_networks and (params.precision == "bfloat16" or params.compile):
        raise UserError(
            f"{algorithm.__name__} looks at derivatives or tiny differences of its networks: it can be trained with "
            "training.precision=float32 (or auto) and training.compile=false only"
        )


def _lower_precision(network: nn.Module, device: torch.device) -> None:
    forward = network.forward

    def lower(*inputs: Any, **options: Any) -> Any:
        # Each call opens its own context. At its end torch drops the bfloat16 copies of the weights, which would be out
        # of date after the next step of the optimizer.
        with torch.autocast(device.type, torch.bfloat16):
            output = forward(*inputs, **options)
        return tuple(part.float() for part in output) if isinstance(output, tuple) else output.float()

    network.forward = lower
