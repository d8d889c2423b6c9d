"""What a saved model was trained with: it is rebuilt with that, not with the parameters that are set today.

Else a model trained without instance norm, say, would be loaded into a network with it: the weights fit, and the
predictions are wrong.
"""

import json
from typing import Any

import numpy as np
from pydantic import ValidationError

from ..errors import UserError
from ..parameters import NetworkParams, TrainingParams
from .algorithm import Algorithm, Arrays
from .models import checkpoint, checkpoint_epochs, trained
from .state import history, kept


def as_trained(name: str, arrays: Arrays, training_state: Arrays) -> Algorithm:
    """Make the registered algorithm ``name`` with saved `weights` and the parameters it was trained with.

    Args:
        name: in the registry.
        arrays: the weights.
        training_state: of the training they come from.

    Raises:
        UserError: the weights are of another training, or its parameters are not known any more.
    """
    epoch_of(arrays, training_state)
    made_with = recorded(training_state)
    try:
        network, training = (
            NetworkParams(**_group("network", made_with)),
            TrainingParams(**_group("training", made_with)),
        )
        return trained(name, _group(name, made_with), network, training, arrays)
    except ValidationError as error:
        raise UserError(f"this model of {name} was trained with other code: train it again ({error})") from error


def recorded(training_state: Arrays) -> dict[str, Any]:
    """Give what a training was made with: ``seed``, ``data`` (a checksum), ``network.dropout``, ``dann.weight``, ….

    With a few target labels, ``few_labels.setting`` and ``few_labels.per_class`` too.
    """
    made_with: dict[str, Any] = json.loads(bytes(training_state["made_with"]))
    return made_with


def _group(name: str, made_with: dict[str, Any]) -> dict[str, Any]:
    start = f"{name}."
    return {key.removeprefix(start): value for key, value in made_with.items() if key.startswith(start)}


def epoch_of(arrays: Arrays, training_state: Arrays) -> int:
    """Find the kept epoch of a training whose weights a model has, the last one of several.

    Raises:
        UserError: there is none; the message says what may have happened, and the cure.
    """
    checkpoints = kept(training_state)
    for epoch in reversed(checkpoint_epochs(checkpoints)):
        weights_then = checkpoint(checkpoints, epoch)
        if weights_then.keys() == arrays.keys() and all(
            np.array_equal(weights_then[name], array) for name, array in arrays.items()
        ):
            return epoch
    raise UserError(
        f"the model is not of the newest training (of {len(history(training_state))} epochs), which was stopped, or of "
        "which no epoch was chosen yet: run the algorithm's pipeline to its end (--params=resume=true goes on where it "
        "was stopped), or name the training that the model is of with --load-versions=chosen_training:VERSION"
    )
