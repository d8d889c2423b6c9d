"""The checkpoints of a training: the weights of several of its epochs as named arrays, and the model of one of them."""

from typing import Any

from mnistm_da.adaptation.algorithm import Arrays
from mnistm_da.adaptation.models.description import NAME, description


def kept_epochs(epochs: int, checkpoints: int) -> list[int]:
    """Give at most ``checkpoints`` evenly spaced epochs of 1 to ``epochs``, with the last one."""
    return sorted({round(number * epochs / checkpoints) for number in range(1, checkpoints + 1)} - {0})


def pick(checkpoints: Arrays, epoch: int, **more: Any) -> Arrays:
    """Give the model of one epoch: its `weights` and what they were made with.

    Args:
        checkpoints: the weights of several epochs by ``<epoch>/<name>``, and their description.
        epoch: one of them.
        more: further entries of the model's description; see `Description`.
    """
    made_with = description(checkpoints).model_copy(update={"epoch": epoch} | more)
    return made_with.as_arrays() | checkpoint(checkpoints, epoch)


def checkpoint(checkpoints: Arrays, epoch: int) -> Arrays:
    """Give the `weights` of one epoch out of all kept ones."""
    start = f"{epoch}/"
    return {name.removeprefix(start): array for name, array in checkpoints.items() if name.startswith(start)}


def checkpoint_epochs(checkpoints: Arrays) -> list[int]:
    """Give the epochs of which there are weights, in order."""
    return sorted({int(name.partition("/")[0]) for name in checkpoints if name != NAME})
