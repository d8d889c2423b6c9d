"""Make an algorithm, keep its weights as named arrays, and make it again from them.

A *model* is the weights of one epoch and what they were made with; *checkpoints* are those of several, under
``<epoch>/<name>``.
"""

from typing import Any

import torch
from pydantic import ValidationError

from mnistm_da.adaptation.algorithm import Algorithm, Arrays
from mnistm_da.adaptation.models.description import NAME, Description, description
from mnistm_da.adaptation.registry import algorithm_class
from mnistm_da.domains.format import Format
from mnistm_da.errors import UserError
from mnistm_da.parameters import NetworkParams


def build(
    make: type[Algorithm], params: dict[str, Any], network: NetworkParams, format: Format, seed: int | None
) -> Algorithm:
    """Make an algorithm with freshly initialised networks, the same for the same seed; None goes on drawing.

    It is not told which classes the target has: to know that, somebody has looked at labels.

    Raises:
        pydantic.ValidationError: a parameter the algorithm does not know, or of a wrong type or range.
    """
    if seed is not None:
        torch.manual_seed(seed)
    return make(make.Params.model_validate(params), network, format.model_copy(update={"target_classes": None}))


def weights(algorithm: Algorithm) -> Arrays:
    """Give the trained networks as named arrays; the inverse of `restore`."""
    # A copy: on a CPU, numpy() would share memory with weights that go on being trained.
    return {name: tensor.cpu().numpy().copy() for name, tensor in algorithm.networks.state_dict().items()}


def restore(algorithm: Algorithm, arrays: Arrays) -> Algorithm:
    """Put saved `weights` into an algorithm made by `build`, and give it back.

    Raises:
        UserError: the arrays are those of another network.
    """
    state = {name: torch.from_numpy(array) for name, array in arrays.items() if name != NAME}
    try:
        algorithm.networks.load_state_dict(state)
    except RuntimeError as error:
        raise UserError(f"the saved weights are of another network: train it again ({error})") from error
    return algorithm


def untrained(made_with: Description) -> Algorithm:
    """Make an algorithm as a model's description says, without the model's weights.

    Raises:
        pydantic.ValidationError: as `build` does.
    """
    make = algorithm_class(made_with.algorithm)
    with torch.random.fork_rng(devices=[]):  # first weights are drawn, and the caller's generator stays as it is
        return build(make, made_with.params, made_with.network, made_with.format, None)


def load(model: Arrays, name: str | None = None) -> Algorithm:
    """Make a trained algorithm again from a saved model alone, built as its `description` says.

    Args:
        model: `weights` and a description, of `pick`.
        name: of the algorithm that it is to be of, in the registry; None: of any.

    Raises:
        UserError: it is of another algorithm, or was saved by other code; says so, and the cure.
    """
    made_with = description(model)
    if name not in (None, made_with.algorithm):
        raise UserError(f"this model of {name} is one of {made_with.algorithm}: train {name} again")
    try:
        made = untrained(made_with)
    except ValidationError as error:
        raise UserError(
            f"this model of {made_with.algorithm} was trained by other code: train it again ({error})"
        ) from error
    return restore(made, model)
