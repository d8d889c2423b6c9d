"""The name of a study, and of the parameters that it searches: their ranges, and where it begins."""

import hashlib
import json
from typing import Any

from mnistm_da.adaptation.registry import algorithm_class
from mnistm_da.errors import UserError
from mnistm_da.parameters import PROXY, TuneParams
from mnistm_da.searched import Searched, is_whole, search_space

from ..benchmark.names import depends_on
from ..benchmark.work import checksums

NAMES_STUDY = ("score", "guard", "guard_slack", "sampler", "pruner")
"""Of `TuneParams`: a search that differs in one of them is another study. More trials are the same one, continued."""


def named(parameters: dict[str, Any], tune: TuneParams, data: dict[str, Any]) -> str:
    """Name a study by its algorithm and a fingerprint of all that its trials depend on."""
    told = tune.model_dump(include=set(NAMES_STUDY))
    if tune.score == PROXY:  # which has no guard: whatever was said of one makes no other study
        told |= {key: TuneParams.model_fields[key].default for key in ("guard", "guard_slack")}
    found = {
        "parameters": depends_on(tune.algorithm, parameters),
        "seed": parameters["seed"],
        "data": checksums(data),
        "tune": told,
        "space": {key: str(of) for key, of in space_of(tune.algorithm)[0].items()},
    }
    return f"{tune.algorithm}.study.{hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:12]}"


def space_of(algorithm: str) -> tuple[dict[str, Searched], list[str]]:
    """Give the range of each parameter that is searched, and the names of those that are whole numbers.

    Raises:
        UserError: none is searched.
    """
    model = algorithm_class(algorithm).Params
    space = search_space(model)
    if not space:
        raise UserError(
            f"tune.algorithm={algorithm}: no parameter of it has a range to be searched in. Give one a range, as "
            "Searched(low, high), in the algorithm's file"
        )
    return space, [name for name in space if is_whole(model, name)]


def start_of(parameters: dict[str, Any], algorithm: str) -> dict[str, float]:
    """Give the parameters that a search begins with: those that the run would have without it.

    Raises:
        UserError: one is out of its range.
    """
    own = algorithm_class(algorithm).Params(**parameters[algorithm]).model_dump()
    space, _ = space_of(algorithm)
    for name, of in space.items():
        if not of.low <= own[name] <= of.high:
            raise UserError(f"'{algorithm}.{name}' is {own[name]:g}, and is searched from {of}: begin inside of that")
    return {name: own[name] for name in space}
