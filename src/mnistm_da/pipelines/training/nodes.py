"""Train one algorithm, epoch by epoch, so that it can be stopped and continued."""

import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from mnistm_da.adaptation.registry import ALGORITHMS, FIT_FOR_PARTIAL
from mnistm_da.errors import UserError
from mnistm_da.parameters import FewLabelsParams, NetworkParams, SelectionParams, TrainingParams, dotted
from mnistm_da.pipelines.lazy_types import DataFrame

if TYPE_CHECKING:
    from mnistm_da.adaptation.models.description import Description

logger = logging.getLogger(__name__)

Arrays = dict[str, np.ndarray]


def train(
    target_train: Arrays,
    params: dict[str, Any],
    network: NetworkParams,
    training: TrainingParams,
    selection: SelectionParams,
    format: dict[str, Any],
    seed: int,
    device: str,
    resume: bool,
    earlier_state: Callable[[], Arrays | None],
    source_train: Arrays | None = None,
    source_validation: Arrays | None = None,
    target_train_labels: Arrays | None = None,
    target_few_labelled: Arrays | None = None,
    few_labels: FewLabelsParams | None = None,
    start_model: Arrays | None = None,
    *,
    algorithm: str,
) -> Iterator[Arrays]:
    """Train an algorithm on the splits.

    Args:
        target_train: ``images`` without labels.
        params: the algorithm's own parameters.
        network: what the networks look like.
        training: budget and learning rate; an algorithm can have a multiple of its epochs, and its own average.
        selection: of how many epochs the weights are kept.
        format: of the images, a `Format` as a dictionary.
        seed: of initial weights, data order and dropout.
        device: see `use_device`.
        resume: go on from ``earlier_state``, if there is one.
        earlier_state: loads the state that an earlier run left, whether it came to its end or not.
        source_train: ``images`` and ``labels``; not connected for source-free algorithms.
        source_validation: ``images`` and ``labels``, for the accuracy shown per epoch; likewise.
        target_train_labels: ``labels``; connected only for the bound that is trained on them all.
        target_few_labelled: ``images`` and ``labels``; connected only for algorithms of few labels.
        few_labels: their setting; in the supervised one there are no other target images.
        start_model: of the algorithm that this one starts from; connected only where the registry names one.
        algorithm: its name in the registry.

    Yields:
        After every epoch, the state of the training; see `train_described`.

    Raises:
        UserError: the training that was stopped was one with other data, parameters or seed.
        FloatingPointError: a loss became infinite; the state of the last good epoch has been given already.
    """
    from mnistm_da.adaptation.models.description import Description
    from mnistm_da.adaptation.optimization.acceleration import with_precision
    from mnistm_da.adaptation.optimization.batches import TrainingData
    from mnistm_da.adaptation.optimization.described import train_described, weights_checksum
    from mnistm_da.adaptation.optimization.device import progress_bar, use_device
    from mnistm_da.adaptation.optimization.state import history
    from mnistm_da.adaptation.registry import algorithm_class
    from mnistm_da.domains.format import Format

    target = target_train | (target_train_labels or {})
    if few_labels and target_few_labelled and few_labels.setting == "supervised":
        target = {"images": target_few_labelled["images"]}
    data = TrainingData(source_train or {}, source_validation or {}, target, target_few_labelled)
    own, images = algorithm_class(algorithm).Params(**params), Format.model_validate(format)
    if images.target_classes and not ALGORITHMS[algorithm].fits_partial:
        logger.warning(
            "%s assumes the same classes in both domains, and the target lacks %s: it may do harm. Meant for such a "
            "target, too: %s (docs/other_settings.md)",
            algorithm,
            ", ".join(images.missing_in_target),
            ", ".join(FIT_FOR_PARTIAL),
        )
    where = use_device(device)
    training = with_precision(own.adjusted(training), algorithm_class(algorithm), where)
    made_with = Description(
        algorithm=algorithm,
        params=own.model_dump(),
        network=network,
        format=images,
        training=training,
        few_labels=few_labels,
        seed=seed,
        data=data.fingerprint(),
        checkpoints=selection.checkpoints,
        start=weights_checksum(start_model) if start_model else None,
    )
    stopped = _of_these_settings(earlier_state(), made_with) if resume else None
    if stopped is not None:
        if "finished" in stopped:
            logger.info("%s was trained before, epochs: %d", algorithm, len(history(stopped)))
            yield stopped
            return
        logger.info("%s was stopped: going on after epoch %d", algorithm, len(history(stopped)))
    yield from train_described(
        made_with, data, device=where, progress_bar=progress_bar, stopped=stopped, start=start_model
    )


def _of_these_settings(earlier: Arrays | None, now: "Description") -> Arrays | None:
    """Give the state that an earlier run left, unless it came to its end with other settings: that one is another.

    Raises:
        UserError: it was stopped, and had other settings.
    """
    from mnistm_da.adaptation.models.description import description

    if earlier is None:
        return None
    all_of_them = (description(earlier), now)
    then, here = ({"data": of.data, **dotted({"format": of.format.model_dump()})} | of.flat() for of in all_of_them)
    different = [f"{key} {then.get(key)} → {here.get(key)}" for key in here | then if then.get(key) != here.get(key)]
    if not different:
        return earlier
    what = f"the training of {now.algorithm} that is there"
    if "finished" not in earlier:
        raise UserError(
            f"{what} cannot be continued with other settings ({'; '.join(different)}): use those it began with, or run "
            "without resume"
        )
    told = "%s came to its end with other settings (%s): beginning anew; older ones are not looked for"
    logger.warning(told, what, "; ".join(different))
    return None


def collect(training_state: Arrays) -> tuple[Arrays, DataFrame, dict[str, Any]]:
    """Take what later stages read out of the state of a training that came to its end.

    Returns:
        checkpoints: the weights of the kept epochs by ``<epoch>/<name>``, and what they were made with.
        history: a row per epoch; see `adaptation.optimization.loop.train`.
        timing: ``device``, ``epochs`` (seconds of each) and ``seconds`` of them all. It stands alone, so that the
            other results of an algorithm are the same bytes whenever they are made.

    Raises:
        UserError: the training was stopped before its end.
    """
    import pandas as pd

    from mnistm_da.adaptation.models.description import description
    from mnistm_da.adaptation.optimization.state import history, kept

    if "finished" not in training_state:
        raise UserError(
            f"the training was stopped after epoch {len(history(training_state))}: finish it with --params=resume=true"
        )
    rows = pd.DataFrame(history(training_state))
    seconds = rows.pop("seconds")
    device = bytes(training_state["device"]).decode()
    checkpoints = kept(training_state) | description(training_state).as_arrays()
    return checkpoints, rows, {"device": device, "epochs": list(seconds), "seconds": float(seconds.sum())}
