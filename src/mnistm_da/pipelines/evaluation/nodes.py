"""Predict the test images and score the predictions."""

from typing import Any

import numpy as np

from mnistm_da.parameters import NetworkParams, SelectionParams, TrainingParams
from mnistm_da.pipelines.hints import DataFrame
from mnistm_da.seeds import stream

Arrays = dict[str, np.ndarray]


def predict(
    model: Arrays,
    source_test: Arrays,
    target_test: Arrays,
    params: dict[str, Any],
    network: NetworkParams,
    training: TrainingParams,
    samples: int,
    seed: int,
    device: str,
    *,
    algorithm: str,
) -> tuple[Arrays, Arrays]:
    """Forward the test images of both domains; their labels are not read here.

    Args:
        model: weights by name.
        source_test: ``images``.
        target_test: ``images``.
        params: the algorithm's own parameters.
        network: what the networks look like.
        training: needed to build the algorithm.
        samples: how many images' features are kept.
        seed: picks those images.
        device: see `use_device`.
        algorithm: its name in the registry.

    Returns:
        probabilities: ``source`` and ``target`` (N, 10) float32.
        features: ``source`` and ``target`` (n, 800) float32 of randomly chosen test images, the same for every
            algorithm, and ``source_index`` and ``target_index`` (n,) int64, which images they are.
    """
    from scipy.special import softmax

    from mnistm_da.adaptation.device import use_device
    from mnistm_da.adaptation.inference import predict as forward
    from mnistm_da.adaptation.models import trained

    with_weights = trained(algorithm, params, network, training, model)
    probabilities: Arrays = {}
    features: Arrays = {}
    for domain, test in (("source", source_test), ("target", target_test)):
        logits, of_all = forward(with_weights, test["images"], use_device(device))
        probabilities[domain] = softmax(logits, axis=1)
        order = np.random.default_rng(stream(seed, f"features/{domain}")).permutation(len(of_all))
        chosen = np.sort(order[:samples])
        features[domain], features[f"{domain}_index"] = of_all[chosen], chosen
    return probabilities, features


def judge(
    checkpoints: Arrays,
    validation: DataFrame,
    target_test: Arrays,
    params: dict[str, Any],
    network: NetworkParams,
    training: TrainingParams,
    device: str,
    *,
    algorithm: str,
) -> DataFrame:
    """Set the target test accuracy of every checkpoint beside its label-free scores: in hindsight, for no choice.

    Returns:
        ``validation`` with the column ``target_test_accuracy`` (0–1).
    """
    from mnistm_da.adaptation import inference
    from mnistm_da.adaptation.device import use_device
    from mnistm_da.adaptation.models import checkpoint, trained

    models = (
        trained(algorithm, params, network, training, checkpoint(checkpoints, epoch)) for epoch in validation["epoch"]
    )
    accuracy = [inference.accuracy(model, target_test, use_device(device)) for model in models]
    return validation.assign(target_test_accuracy=accuracy)


def translate(
    model: Arrays,
    test: Arrays,
    params: dict[str, Any],
    network: NetworkParams,
    training: TrainingParams,
    seed: int,
    device: str,
    *,
    algorithm: str,
) -> Arrays:
    """Give the test images as the algorithm translates them: ``images`` (N, 3, 28, 28) uint8, in the test's order."""
    import torch

    from mnistm_da.adaptation import inference
    from mnistm_da.adaptation.device import use_device
    from mnistm_da.adaptation.models import trained

    translator = trained(algorithm, params, network, training, model)
    torch.manual_seed(seed)  # a translator may draw a style at random
    return {"images": inference.translate(translator, test["images"], use_device(device))}


def evaluate(
    probabilities: Arrays,
    features: Arrays,
    source_test: Arrays,
    target_test: Arrays,
    history: DataFrame,
    judged: DataFrame,
    selection: SelectionParams,
    seed: int,
    *,
    algorithm: str,
) -> dict[str, Any]:
    """Score the predictions on both test splits, and how separable the domains are in feature space.

    Returns:
        ``source_test`` and ``target_test``: see `score`; ``proxy_a_distance`` (0–2, 0: not separable);
        ``algorithm``, ``seed``, ``epochs``; ``selection`` (how the model was picked) and
        ``picks``: see `trust`.
    """
    from mnistm_da.adaptation.evaluation import proxy_a_distance, score
    from mnistm_da.adaptation.selection import trust

    return {
        "algorithm": algorithm,
        "seed": seed,
        "epochs": len(history),
        "selection": selection.by,
        "picks": trust(judged),
        "source_test": score(source_test["labels"], probabilities["source"]),
        "target_test": score(target_test["labels"], probabilities["target"]),
        "proxy_a_distance": proxy_a_distance(features["source"], features["target"], seed),
    }
