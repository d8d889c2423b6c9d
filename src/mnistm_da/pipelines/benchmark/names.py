"""How the result of a unit is named: by all parameters that it depends on."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.parameters import TYPED, AugmentationParams, TrainingParams

from .unit import unit_pipeline

LATER = (
    ("network", "architecture", "ganin"),
    ("network", "views", "one"),
    ("noisy_student", "optimizer", "adamw"),
    ("training", "average", 0.0),
    ("training", "augmentation", AugmentationParams().model_dump()),
)
"""Parameters that were added later, each with the value that earlier results were made with: so their names stay."""

NO_SCORE = frozenset({"seed", "device", "resume", "titles"})
"""Parameters of a unit that are no part of its result's fingerprint: the seed is named, the others change no score."""


def result_name(algorithm: str, seed: int, parameters: dict[str, Any]) -> str:
    """Name a run by algorithm, seed and a fingerprint of all parameters its result depends on."""
    return named(algorithm, seed, fingerprint_of(algorithm, parameters))


def named(algorithm: str, seed: int, fingerprint: str) -> str:
    """Name a run by `fingerprint_of` its algorithm."""
    return f"{algorithm}.seed{seed}.{fingerprint}"


def made_with(results: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    """Give those results by name that were made with the parameters of a run."""
    there = {result["algorithm"] for result in results.values()} & ALGORITHMS.keys() & parameters.keys()
    fingerprints = {algorithm: fingerprint_of(algorithm, parameters) for algorithm in there}
    return {
        name: result
        for name, result in results.items()
        if (algorithm := result["algorithm"]) in fingerprints
        and name == named(algorithm, result["seed"], fingerprints[algorithm])
    }


def plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Give the parameters of a run as the configuration does: Kedro puts models in the place of sections.

    It does so with those that other nodes of the same pipeline read by a model.
    """
    return {name: value.model_dump() if hasattr(value, "model_dump") else value for name, value in parameters.items()}


def with_proposed(parameters: Mapping[str, Any], algorithm: str, proposed: Mapping[str, float]) -> dict[str, Any]:
    """Give the parameters of a run with those that are proposed for the algorithm."""
    parameters = plain(parameters)
    return parameters | {algorithm: parameters[algorithm] | dict(proposed)}


def fingerprint_of(algorithm: str, parameters: dict[str, Any]) -> str:
    """Give the fingerprint of all parameters that an algorithm's result depends on."""
    depends = json.dumps(depends_on(algorithm, parameters), sort_keys=True)
    return hashlib.sha256(depends.encode()).hexdigest()[:12]


def depends_on(algorithm: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Give all parameters, with the defaults of those not named, that an algorithm's result depends on.

    They are those that the unit's nodes read, without `NO_SCORE`. The precision is never ``auto``, but the one that is
    trained in; where what it starts from is trained in another one, ``start_precision`` is that. Parameters that are
    None are left out, and so are those of `LATER` with their defaults: a new parameter that changes nothing by default
    makes no new result.
    """
    from mnistm_da.adaptation.optimization.acceleration import with_precision
    from mnistm_da.adaptation.optimization.device import resolve_device
    from mnistm_da.adaptation.registry import algorithm_class, trained_in_order

    read = {name for name in unit_pipeline(algorithm).inputs() if name.startswith("params:")}
    found: dict[str, Any] = {}
    for key in sorted({name.removeprefix("params:").partition(".")[0] for name in read} - NO_SCORE):
        model = algorithm_class(key).Params if key in ALGORITHMS else TYPED.get(key)
        value: Any = model(**parameters[key]) if model else parameters[key]
        if value is None:
            continue
        if isinstance(value, TrainingParams) and value.precision == "auto":
            where = resolve_device(parameters["device"])
            *starts, value = [
                with_precision(value, algorithm_class(name), where) for name in trained_in_order(algorithm)
            ]
            if others := {start.precision for start in starts} - {value.precision}:
                [found["start_precision"]] = others
        found[key] = value.model_dump(exclude_none=True) if model else value
    for key, name, default in LATER:
        if key in found and found[key].get(name) == default:
            del found[key][name]
    return found
