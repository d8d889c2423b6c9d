"""The description of a model. A saved model carries it: everything after training builds its networks from it alone.

It is JSON in a ``uint8`` array beside the weights, named `NAME`. So the arrays of a model stay one dictionary wherever
they go: through a catalog, an object store or memory. The metadata of a safetensors file would be lost on that way.
"""

import json
from typing import Any

import numpy as np
from pydantic import ValidationError

from mnistm_da.adaptation.algorithm import Arrays
from mnistm_da.domains.format import Format
from mnistm_da.errors import UserError
from mnistm_da.parameters import FewLabelsParams, NetworkParams, Params, TitleParams, TrainingParams, dotted

NAME = "description"


class Description(Params):
    """The description of a model.

    Attributes:
        algorithm: its name in the registry.
        params: the algorithm's own parameters, with the defaults.
        network: parameters of the networks.
        format: of the images that it was trained on.
        training: budget and optimizer; its epochs are already multiplied by the algorithm's own factor.
        few_labels: how many target labels there were, for the algorithms that learn from a few.
        seed: of the data order, the initial weights and the splits.
        data: checksum (CRC-32) of all training data.
        checkpoints: of how many epochs the weights were kept.
        start: checksum (CRC-32) of the weights of the model that it started from, if it did.
        epoch: whose weights these are; of a model only, not of the checkpoints that it was picked from.
        selected_by: how that epoch was picked: ``last`` or a label-free validator; of a model only.
        titles: of the two domains; of a model only, so that another title trains nothing again.
    """

    algorithm: str
    params: dict[str, Any]
    network: NetworkParams
    format: Format
    training: TrainingParams
    few_labels: FewLabelsParams | None = None
    seed: int
    data: int
    checkpoints: int
    start: int | None = None
    epoch: int | None = None
    selected_by: str | None = None
    titles: TitleParams | None = None

    def flat(self) -> dict[str, Any]:
        """Give all but None, by the names that parameters have on the command line, such as ``network.dropout``."""
        groups = {self.algorithm: self.params} | {
            name: group.model_dump(exclude_none=True)
            for name, group in (("network", self.network), ("training", self.training), ("few_labels", self.few_labels))
            if group
        }
        found: dict[str, Any] = {"seed": self.seed, "selection.checkpoints": self.checkpoints}
        found |= {"start": self.start} if self.start is not None else {}
        found |= {"selection.by": self.selected_by} if self.selected_by else {}
        return found | {name: value for name, value in dotted(groups).items() if value is not None}

    def as_arrays(self) -> Arrays:
        """Give it as the array that is saved beside the weights.

        None is kept among ``params``, whose models may have another default. pydantic leaves it in a dictionary.
        """
        return {NAME: np.frombuffer(self.model_dump_json(exclude_none=True).encode(), dtype=np.uint8)}


def description(arrays: Arrays) -> Description:
    """Read what a model, its checkpoints or the state of its training were made with.

    Raises:
        UserError: they were saved by earlier code, without a description or with parameters unknown today.
    """
    if NAME not in arrays:
        raise UserError("this model was saved by earlier code and does not say what it was made with: train it again")
    try:
        return Description.model_validate(json.loads(bytes(arrays[NAME])))
    except ValidationError as error:
        [first, *_] = error.errors()
        where = ".".join(map(str, first["loc"]))
        raise UserError(f"this model was trained by other code ({where}: {first['msg']}): train it again") from error
