"""Run algorithms for several seeds with the same budget, remembering each finished run."""

import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any
from zlib import crc32

import numpy as np

from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.lineage.code import fingerprint
from mnistm_da.lineage.trace import commit, libraries
from mnistm_da.parameters import (
    TYPED,
    BenchmarkParams,
    EmbeddingParams,
    FewLabelsParams,
    NetworkParams,
    SelectionParams,
    SplittingParams,
    SynthesisParams,
    TitleParams,
    TrainingParams,
)
from mnistm_da.pipelines.hints import DataFrame

from ..domains.nodes import make_target_images
from ..evaluation.nodes import evaluate, judge, predict
from ..selection.nodes import select, validate
from ..splitting.nodes import label_few, label_target_test, label_target_train, split_source, split_target
from ..template import for_algorithm
from ..training.nodes import collect, train

PACKAGE = __name__.partition(".")[0]

logger = logging.getLogger(__name__)

Arrays = dict[str, np.ndarray]
LATER = (("network", "architecture", "ganin"),)
"""Parameters that came when there were records already, with what held before: so those records keep their names."""

SHARED = ("synthesis", "splitting", "network", "training", "selection")
"""Parameters that every result depends on, besides the algorithm's own and the seed."""


def run_missing(
    finished: dict[str, Any],
    stopped: dict[str, Callable[[], Arrays]],
    source: Arrays,
    raw_target: dict[str, Any],
    target_labels: Arrays,
    photos: Arrays,
    format: dict[str, Any],
    parameters: dict[str, Any],
    benchmark: BenchmarkParams,
) -> Iterator[dict[str, dict[str, Any]]]:
    """Train and score every algorithm for every seed that has no record with these parameters yet.

    Args:
        finished: records of earlier runs by name.
        stopped: loads the states of trainings that were stopped, by the name their record will have.
        source: of `ingest_source`.
        raw_target: images of the target, before photos are laid behind them.
        target_labels: of `ingest_target_labels`.
        photos: of `ingest_photos`.
        format: of the images, as `ingest_source` states it.
        parameters: all parameters of the run.
        benchmark: which algorithms and seeds.

    Yields:
        ``records``: of a run that came to its end, by its name: `evaluate`'s scores, the columns of `judge`'s table of
        all checkpoints as ``judged`` (None where a validator gave no finite score), `collect`'s ``timing``, the
        ``parameters``, the fingerprint of the ``code``, and ``made_with``: ``commit`` and versions of ``libraries``.
        ``states``: after every epoch the state of the training, by the same name, and an empty one at its end.
        Either is empty where there is nothing to save.

    Raises:
        ValueError: a digit has fewer images than are to be labelled; before anything is trained.
    """
    _check_few_labels(target_labels, format, parameters, benchmark)
    yield {"records": {}, "states": {}}  # Kedro cannot unpack a generator of several outputs that gives nothing
    synthesis = SynthesisParams(**parameters["synthesis"])
    for seed in benchmark.seeds:
        for algorithm in benchmark.algorithms:
            name = record_name(algorithm, seed, parameters)
            code = fingerprint(for_algorithm(_run, algorithm), PACKAGE)
            if name in finished:
                logger.info("%s, seed %d: finished before", algorithm, seed)
                _warn_of_other_code(name, finished[name]["code"], code)
                continue
            more = {
                "parameters": depends_on(algorithm, parameters),
                "code": code,
                "made_with": {"commit": commit(), "libraries": libraries(PACKAGE)},
            }
            origin = {"origin": _origin(code, source, raw_target, target_labels, photos)}
            earlier = _to_go_on(name, stopped, origin)
            data = (source, make_target_images(raw_target, photos, format, synthesis, seed), target_labels, format)
            for state, scores in _run(seed, *data, parameters, earlier, algorithm=algorithm):
                yield {
                    "records": {name: scores | more} if scores else {},
                    "states": {name: state | origin if state else {}},
                }


def _check_few_labels(
    target_labels: Arrays, format: dict[str, Any], parameters: dict[str, Any], benchmark: BenchmarkParams
) -> None:
    if all(ALGORITHMS[algorithm].target_labels != "few" for algorithm in benchmark.algorithms):
        return
    splitting, few_labels = SplittingParams(**parameters["splitting"]), FewLabelsParams(**parameters["few_labels"])
    for seed in benchmark.seeds:
        labels = label_target_train(target_labels, splitting, seed)["labels"]
        label_few({"images": labels}, {"labels": labels}, format, few_labels, seed)


def _origin(code: dict[str, str], *data: Arrays) -> np.ndarray:
    """What a record's name does not tell and a training cannot go on without, as text."""
    checksums = [
        {name: crc32(np.ascontiguousarray(array).data) for name, array in of.items() if isinstance(array, np.ndarray)}
        for of in data
    ]
    return np.frombuffer(json.dumps([code, checksums], sort_keys=True).encode(), dtype=np.uint8)


def _to_go_on(name: str, stopped: dict[str, Callable[[], Arrays]], origin: Arrays) -> Arrays | None:
    state = stopped[name]() if name in stopped else None
    if state and not np.array_equal(state["origin"], origin["origin"]):
        logger.warning("%s was stopped, but its code or data were others: its training begins anew", name)
        return None
    return state


def _warn_of_other_code(name: str, then: dict[str, str], now: dict[str, str]) -> None:
    """A changed comment does not count, but any other change could matter: hours of training are the user's to drop."""
    changed = sorted(path for path in then.keys() | now.keys() if then.get(path) != now.get(path))
    if changed:
        logger.warning("%s was made by other code (%s): delete that record to run it again", name, ", ".join(changed))


def record_name(algorithm: str, seed: int, parameters: dict[str, Any]) -> str:
    """Name a run by algorithm, seed and a fingerprint of all parameters its result depends on."""
    depends = json.dumps(depends_on(algorithm, parameters), sort_keys=True)
    return f"{algorithm}.seed{seed}.{hashlib.sha256(depends.encode()).hexdigest()[:12]}"


def depends_on(algorithm: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Give all parameters, with the defaults of those not named, that an algorithm's result depends on.

    One that is None is left out, and so is one of `LATER` with its default: a new parameter that changes nothing by
    default makes no new record.
    """
    from mnistm_da.adaptation.registry import algorithm_class

    shared = (*SHARED, "few_labels") if ALGORITHMS[algorithm].target_labels == "few" else SHARED
    models = {name: TYPED[name] for name in shared} | {algorithm: algorithm_class(algorithm).Params}
    found = {key: model(**parameters[key]).model_dump(exclude_none=True) for key, model in models.items()}
    for key, name, default in LATER:
        if key in found and found[key].get(name) == default:
            del found[key][name]
    return found


def _run(
    seed: int,
    source: Arrays,
    target_images: Arrays,
    target_labels: Arrays,
    format: dict[str, Any],
    parameters: dict[str, Any],
    stopped: Arrays | None,
    *,
    algorithm: str,
) -> Iterator[tuple[Arrays, dict[str, Any]]]:
    """Give the state of the training after every epoch, and at the end, in the place of a state, the scores."""
    network = NetworkParams(**parameters["network"])
    training, selection = TrainingParams(**parameters["training"]), SelectionParams(**parameters["selection"])
    splitting, device = SplittingParams(**parameters["splitting"]), parameters["device"]
    own = parameters[algorithm]
    source_train, source_validation, source_test = split_source(source, splitting, seed)
    target_train, target_validation = split_target(target_images, splitting, seed)
    target_test = label_target_test(target_images, target_labels)
    labels, read = label_target_train(target_labels, splitting, seed), ALGORITHMS[algorithm].target_labels
    few_labels = FewLabelsParams(**parameters["few_labels"]) if read == "few" else None
    for state in train(
        source_train,
        source_validation,
        target_train,
        own,
        network,
        training,
        selection,
        format,
        seed,
        device,
        True,
        lambda: stopped,
        labels if read == "all" else None,
        label_few(target_train, labels, format, few_labels, seed) if few_labels else None,
        few_labels,
        algorithm=algorithm,
    ):
        yield state, {}
    checkpoints, history, timing = collect(state)
    validation = validate(checkpoints, source_validation, target_validation, selection, device)
    model = select(checkpoints, validation, selection, TitleParams(**parameters["titles"]))
    judged = judge(checkpoints, validation, target_test, device)
    samples = EmbeddingParams(**parameters["embedding"]).samples
    predictions, features = predict(model, source_test, target_test, samples, device)
    scores = evaluate(model, predictions, features, source_test, target_test, history, judged)
    yield {}, scores | {"judged": _columns(judged), "timing": timing}


def _columns(table: DataFrame) -> dict[str, list[float | None]]:
    finite = table.astype(object).where(np.isfinite(table), None)
    return {str(name): list(values) for name, values in finite.items()}
