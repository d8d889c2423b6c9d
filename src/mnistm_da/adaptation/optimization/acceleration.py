"""What makes a GPU fast: half-precision arithmetic and compiled networks. The step of an algorithm knows of neither."""

from typing import Any

import torch
from torch import nn

from mnistm_da.adaptation.algorithm import Algorithm
from mnistm_da.errors import UserError
from mnistm_da.parameters import TrainingParams


def accelerate(algorithm: Algorithm, params: TrainingParams, device: torch.device) -> None:
    """Prepare the networks in place, as the parameters ask for.

    Each network computes in the lower precision by itself: what comes out of it is float32, so that losses, their
    gradients and the optimizer are as always. An algorithm that looks into the classifier (`Algorithm.bottleneck`) has
    its layers in float32 and uncompiled there, which is little beside the feature extractor. A processor compiles
    nothing: there the graph is taken and run as it is, so that the way is the same.

    Raises:
        UserError: the algorithm needs exact networks.
    """
    if (params.precision, params.compile) == ("float32", False):
        return
    check_exact(type(algorithm), params)
    for network in (*algorithm.networks.values(), *algorithm.memory.values()):
        if params.precision == "bfloat16":
            _lower_precision(network, device)
        if params.compile:
            network.compile(backend="inductor" if device.type == "cuda" else "aot_eager")


def check_exact(algorithm: type[Algorithm], params: TrainingParams) -> None:
    """Refuse to accelerate an algorithm that needs exact networks.

    Raises:
        UserError: names the parameters that it can be trained with.
    """
    if algorithm.needs_exact_networks and (params.precision, params.compile) != ("float32", False):
        raise UserError(
            f"{algorithm.__name__} looks at derivatives or tiny differences of its networks: it can be trained with "
            "training.precision=float32 and training.compile=false only"
        )


def _lower_precision(network: nn.Module, device: torch.device) -> None:
    forward = network.forward

    def lower(*inputs: Any, **options: Any) -> Any:
        # A context of its own for each call: on its end the weights' bfloat16 copies are dropped, which the next
        # step of an optimizer makes wrong.
        with torch.autocast(device.type, torch.bfloat16):
            output = forward(*inputs, **options)
        return tuple(part.float() for part in output) if isinstance(output, tuple) else output.float()

    network.forward = lower
