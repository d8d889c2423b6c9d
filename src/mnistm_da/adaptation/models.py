"""Make an algorithm, and keep its weights as named arrays: of one epoch, or of several under ``<epoch>/<name>``."""

from typing import Any

import torch

from ..errors import UserError
from ..parameters import NetworkParams, TrainingParams
from .algorithm import Algorithm, Arrays
from .registry import algorithm_class


def build(
    make: type[Algorithm], params: dict[str, Any], network: NetworkParams, training: TrainingParams, seed: int
) -> Algorithm:
    """Make an algorithm with freshly initialised networks, the same for the same seed.

    Raises:
        pydantic.ValidationError: a parameter the algorithm does not know, or of a wrong type or range.
    """
    torch.manual_seed(seed)
    return make(make.Params.model_validate(params), network, training)


def weights(algorithm: Algorithm) -> Arrays:
    """Give the trained networks as named arrays; the inverse of `restore`."""
    # A copy: on a CPU, numpy() would share memory with weights that go on being trained.
    return {name: tensor.cpu().numpy().copy() for name, tensor in algorithm.networks.state_dict().items()}


def restore(algorithm: Algorithm, arrays: Arrays) -> Algorithm:
    """Put saved `weights` into an algorithm made by `build`, and give it back.

    Raises:
        UserError: the arrays are those of another network.
    """
    state = {name: torch.from_numpy(array) for name, array in arrays.items()}
    try:
        algorithm.networks.load_state_dict(state)
    except RuntimeError as error:
        raise UserError(
            "the saved model does not fit the network that the parameters describe; train it again, or load "
            f"the version made with these parameters ({error})"
        ) from error
    return algorithm


def trained(
    name: str, params: dict[str, Any], network: NetworkParams, training: TrainingParams, arrays: Arrays
) -> Algorithm:
    """Make the registered algorithm ``name`` with saved `weights`.

    Args:
        name: in the registry.
        params: the algorithm's own parameters.
        network: what the networks look like.
        training: needed to build the algorithm.
        arrays: the weights.

    Raises:
        UserError: there is no such algorithm, or the arrays are those of another network.
    """
    return restore(build(algorithm_class(name), params, network, training, seed=0), arrays)


def kept_epochs(epochs: int, checkpoints: int) -> list[int]:
    """Give at most ``checkpoints`` evenly spaced epochs of 1 to ``epochs``, with the last one."""
    return sorted({round(number * epochs / checkpoints) for number in range(1, checkpoints + 1)} - {0})


def checkpoint(kept: Arrays, epoch: int) -> Arrays:
    """Give the `weights` of one epoch out of all kept ones."""
    start = f"{epoch}/"
    return {name.removeprefix(start): array for name, array in kept.items() if name.startswith(start)}


def checkpoint_epochs(kept: Arrays) -> list[int]:
    """Give the epochs of which there are weights, in order."""
    return sorted({int(name.partition("/")[0]) for name in kept})
