"""Run algorithms for several seeds with the same budget, remembering each finished run."""

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any
from zlib import crc32

import numpy as np

from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.datasets.folders import States
from mnistm_da.launchers import LAUNCHERS, Unit
from mnistm_da.lineage.trace import commit, libraries
from mnistm_da.parameters import TYPED, AugmentationParams, BenchmarkParams, TrainingParams

from .unit import Arrays, check_unit, code_of, run_unit, unit_pipeline

PACKAGE = __name__.partition(".")[0]

logger = logging.getLogger(__name__)

LATER = (
    ("network", "architecture", "ganin"),
    ("network", "views", "one"),
    ("training", "average", 0.0),
    ("training", "augmentation", AugmentationParams().model_dump()),
)
"""Parameters that were added later, each with the value that earlier results were made with: so their names stay."""

NO_SCORE = frozenset({"seed", "device", "resume", "titles"})
"""Parameters of a unit that are no part of its result's fingerprint: the seed is named, the others change no score."""


def run_missing(
    finished: dict[str, Any],
    stopped: States,
    parameters: dict[str, Any],
    benchmark: BenchmarkParams,
    **data: Any,
) -> Iterator[dict[str, Any]]:
    """Run every unit, an algorithm with a seed, that has no result with these parameters yet.

    Args:
        finished: results of earlier runs by name.
        stopped: states of trainings under way, by the name that their result will have: after every epoch it is saved
            there, and it is removed when there is a result.
        parameters: all parameters of the run.
        benchmark: which algorithms and seeds, and where they are run.
        data: what every unit begins with.

    Yields:
        A result by its name, when its unit is finished: the scores of `run_unit`, the ``parameters``, the fingerprint
        of the ``code``, checksums of the ``data``, and ``made_with``: ``commit`` and versions of ``libraries``.

    Raises:
        ValueError: a class has fewer images than are to be labelled; before anything is trained.
    """
    missing, checksums = [], _checksums(data)
    for seed in benchmark.seeds:
        for algorithm in benchmark.algorithms:
            unit = Unit(result_name(algorithm, seed, parameters), algorithm, seed)
            if unit.name in finished:
                logger.info("%s, seed %d: finished before", algorithm, seed)
                now = {"code": code_of(unit_pipeline(algorithm, data)), "data": checksums}
                _warn_of_another_origin(unit.name, finished[unit.name], now)
                stopped.remove(unit.name)  # left by a run that was killed after it had saved the result
            else:
                missing.append(unit)
    few = {unit.seed: unit.algorithm for unit in missing if ALGORITHMS[unit.algorithm].target_labels == "few"}
    for seed, algorithm in few.items():
        check_unit(algorithm, seed, parameters, data)
    run = partial(_run_or_go_on, parameters=parameters, data=data, states=stopped)
    for unit, scores in LAUNCHERS[benchmark.launcher](missing, run):
        more = {
            "parameters": depends_on(unit.algorithm, parameters),
            "code": code_of(unit_pipeline(unit.algorithm, data)),
            "data": checksums,
            "made_with": {"commit": commit(), "libraries": libraries(PACKAGE)},
        }
        yield {unit.name: scores | more}
        stopped.remove(unit.name)


def _run_or_go_on(unit: Unit, parameters: dict[str, Any], data: dict[str, Any], states: States) -> dict[str, Any]:
    """Run a unit; one that was stopped goes on after its last epoch."""
    # Code and data, as text. A result's name does not tell them, but a training goes on only with the same ones.
    told = json.dumps([code_of(unit_pipeline(unit.algorithm, data)), _checksums(data)], sort_keys=True)
    origin = np.frombuffer(told.encode(), dtype=np.uint8)
    earlier = states.load(unit.name)
    if earlier and not np.array_equal(earlier["origin"], origin):
        logger.warning("%s was stopped, but its code or data were others: its training begins anew", unit.name)
        earlier = None

    def keep(state: Arrays) -> None:
        states.save(unit.name, state | {"origin": origin})

    return run_unit(unit.algorithm, unit.seed, parameters, data, earlier, keep)


def _checksums(value: Any) -> Any:
    """Give the checksum of every array, or other value, at whatever depth of a dictionary."""
    if isinstance(value, Mapping):
        return {name: _checksums(inner) for name, inner in value.items()}
    if isinstance(value, np.ndarray):
        return crc32(np.ascontiguousarray(value).data)
    plain = value.model_dump() if hasattr(value, "model_dump") else value  # a format
    return crc32(json.dumps(plain).encode())


def _warn_of_another_origin(name: str, result: dict[str, Any], now: dict[str, dict[str, Any]]) -> None:
    """A changed comment does not count, but any other change could matter: hours of training are the user's to drop."""
    for what, parts in now.items():
        then = result.get(what, parts)  # older results do not tell the data
        changed = sorted(part for part in then.keys() | parts.keys() if then.get(part) != parts.get(part))
        if changed:
            others = ", ".join(changed)
            logger.warning("%s was made with other %s (%s): delete that result to run it again", name, what, others)


def result_name(algorithm: str, seed: int, parameters: dict[str, Any]) -> str:
    """Name a run by algorithm, seed and a fingerprint of all parameters its result depends on."""
    depends = json.dumps(depends_on(algorithm, parameters), sort_keys=True)
    return f"{algorithm}.seed{seed}.{hashlib.sha256(depends.encode()).hexdigest()[:12]}"


def depends_on(algorithm: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Give all parameters, with the defaults of those not named, that an algorithm's result depends on.

    They are those that the unit's nodes read, without `NO_SCORE`. The precision is never ``auto``, but the one that is
    trained in. Parameters that are None are left out, and so are those of `LATER` with their defaults: a new parameter
    that changes nothing by default makes no new result.
    """
    from mnistm_da.adaptation.optimization.acceleration import with_precision
    from mnistm_da.adaptation.optimization.device import resolve_device
    from mnistm_da.adaptation.registry import algorithm_class

    read = {name for name in unit_pipeline(algorithm).inputs() if name.startswith("params:")}
    found: dict[str, Any] = {}
    for key in sorted({name.removeprefix("params:").partition(".")[0] for name in read} - NO_SCORE):
        model = algorithm_class(key).Params if key in ALGORITHMS else TYPED.get(key)
        value: Any = model(**parameters[key]) if model else parameters[key]
        if value is None:
            continue
        if isinstance(value, TrainingParams):
            value = with_precision(value, algorithm_class(algorithm), resolve_device(parameters["device"]))
        found[key] = value.model_dump(exclude_none=True) if model else value
    for key, name, default in LATER:
        if key in found and found[key].get(name) == default:
            del found[key][name]
    return found
