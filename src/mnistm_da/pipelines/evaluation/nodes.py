"""Predict the test images and score the predictions."""

import logging
from typing import Any

import numpy as np

from mnistm_da.domains.reading import is_labelled
from mnistm_da.pipelines.lazy_types import DataFrame
from mnistm_da.seeds import stream

from .unlabelled import picks, score_if_labelled

logger = logging.getLogger(__name__)

Arrays = dict[str, np.ndarray]


def predict(
    model: Arrays,
    source_validation: Arrays,
    source_test: Arrays,
    target_test: Arrays,
    device: str,
) -> tuple[Arrays, Arrays]:
    """Forward the test images of both domains, and the source's validation images; their labels are not read here.

    Args:
        model: weights by name, and what they were made with; its seed picks the images whose features are kept.
        source_validation: ``images``.
        source_test: ``images``.
        target_test: ``images``.
        device: see `use_device`.

    Returns:
        probabilities: ``source`` and ``target``, and ``source_validation``, (N, K) float32.
        features: ``source`` and ``target`` (n, F) float32 of `DOMAIN_SAMPLES` random test images (of all, where there
            are fewer), for the distance of the domains. They are the same ones for every algorithm, and in both domains
            where these have as many.
    """
    from scipy.special import softmax

    from mnistm_da.adaptation.measures.scores import DOMAIN_SAMPLES
    from mnistm_da.adaptation.models.description import description
    from mnistm_da.adaptation.models.inference import predict as forward
    from mnistm_da.adaptation.models.loading import load
    from mnistm_da.adaptation.optimization.device import use_device

    algorithm, seed = load(model), description(model).seed
    probabilities: Arrays = {}
    features: Arrays = {}
    for domain, test in (("source", source_test), ("target", target_test)):
        logits, of_all = forward(algorithm, test["images"], use_device(device))
        probabilities[domain] = softmax(logits, axis=1)
        order = np.random.default_rng(stream(seed, "domain_features")).permutation(len(of_all))
        features[domain] = of_all[np.sort(order[:DOMAIN_SAMPLES])]
    logits, _ = forward(algorithm, source_validation["images"], use_device(device))
    return probabilities | {"source_validation": softmax(logits, axis=1)}, features


def judge(
    checkpoints: Arrays,
    validation: DataFrame,
    target_test: Arrays,
    device: str,
) -> DataFrame:
    """Set the target test accuracy of every checkpoint beside its label-free scores. Nothing is chosen by it.

    Returns:
        ``validation`` with the column ``target_test_accuracy`` (0–1), NaN where the target has no labels.
    """
    if not is_labelled(target_test["labels"]):
        return validation.assign(target_test_accuracy=np.nan)
    from mnistm_da.adaptation.models import inference
    from mnistm_da.adaptation.models.checkpoints import pick
    from mnistm_da.adaptation.models.loading import load
    from mnistm_da.adaptation.optimization.device import use_device

    models = (load(pick(checkpoints, epoch)) for epoch in validation["epoch"])
    accuracy = [inference.accuracy(model, target_test, use_device(device)) for model in models]
    return validation.assign(target_test_accuracy=accuracy)


def translate(model: Arrays, test: Arrays, device: str) -> Arrays:
    """Give the test images as the algorithm translates them: ``images`` (N, C, S, S) uint8, in the test's order."""
    import torch

    from mnistm_da.adaptation.models import inference
    from mnistm_da.adaptation.models.description import description
    from mnistm_da.adaptation.models.loading import load
    from mnistm_da.adaptation.optimization.device import use_device

    translator = load(model)
    torch.manual_seed(description(model).seed)  # a translator may draw a style at random
    return {"images": inference.translate(translator, test["images"], use_device(device))}


def evaluate(
    model: Arrays,
    probabilities: Arrays,
    features: Arrays,
    source_validation: Arrays,
    source_test: Arrays,
    target_test: Arrays,
    history: DataFrame,
    judged: DataFrame,
) -> dict[str, Any]:
    """Score a model's predictions on both test splits, and how separable the domains are in feature space.

    Returns:
        ``source_test`` and ``target_test``: see `score_if_labelled`; ``estimated_accuracy`` on target test, without its
        labels: see `estimated_accuracy`; ``proxy_a_distance`` (0–2, 0: not separable); ``algorithm``, ``seed``,
        ``epochs``; ``selection`` (how the model was picked) and ``picks``: see `picks`; ``target_classes``, if the
        target has not all classes. Predictions that an earlier version saved give no ``estimated_accuracy``.
    """
    from mnistm_da.adaptation.measures.estimates import estimated_accuracy
    from mnistm_da.adaptation.measures.scores import proxy_a_distance
    from mnistm_da.adaptation.models.description import description

    made_with = description(model)
    classes, kept = made_with.format.classes, made_with.format.target_classes
    more: dict[str, Any] = {"target_classes": list(kept)} if kept else {}
    if "source_validation" in probabilities:
        more["estimated_accuracy"] = estimated_accuracy(
            source_validation["labels"], probabilities["source_validation"], probabilities["target"]
        )
    else:
        logger.warning(
            "the saved predictions of %s are of an earlier version, without the source's validation images: the target "
            "accuracy is not estimated. To estimate it, run from --from-nodes=%s.predict",
            *[made_with.algorithm] * 2,
        )
    return more | {
        "algorithm": made_with.algorithm,
        "seed": made_with.seed,
        "epochs": len(history),
        "selection": made_with.selected_by,
        "picks": picks(judged),
        "source_test": score_if_labelled(source_test["labels"], probabilities["source"], classes),
        "target_test": score_if_labelled(target_test["labels"], probabilities["target"], classes),
        "proxy_a_distance": proxy_a_distance(features["source"], features["target"], made_with.seed),
    }
