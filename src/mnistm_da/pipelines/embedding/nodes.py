"""Map the features of both domains to the plane."""

import numpy as np

from mnistm_da.parameters import EXTRACTOR, EmbeddingParams
from mnistm_da.pipelines.lazy_types import DataFrame
from mnistm_da.seeds import stream

Arrays = dict[str, np.ndarray]


def extract_features(
    model: Arrays, source_test: Arrays, target_test: Arrays, samples: int, layer: str, device: str
) -> Arrays:
    """Give the features of the images that are shown.

    Args:
        model: weights by name, and what they were made with; its seed picks the images.
        source_test: ``images``.
        target_test: ``images``.
        samples: how many images of each domain.
        layer: whose output is taken for the features, see `EmbeddingParams`.
        device: see `use_device`.

    Returns:
        ``source`` and ``target`` (n, F) float32 of random test images, the same ones for every algorithm, and
        ``source_index`` and ``target_index`` (n,) int64, which images they are.
    """
    from mnistm_da.adaptation.models.description import description
    from mnistm_da.adaptation.models.inference import last_hidden, predict
    from mnistm_da.adaptation.models.loading import load
    from mnistm_da.adaptation.optimization.device import use_device

    algorithm, seed = load(model), description(model).seed
    features: Arrays = {}
    for domain, test in (("source", source_test), ("target", target_test)):
        order = np.random.default_rng(stream(seed, f"features/{domain}")).permutation(len(test["images"]))
        chosen = np.sort(order[:samples])
        _, of_extractor = predict(algorithm, test["images"][chosen], use_device(device))
        features[domain] = of_extractor if layer == EXTRACTOR else last_hidden(algorithm, of_extractor)
        features[f"{domain}_index"] = chosen
    return features


def embed(
    features: Arrays, source_test: Arrays, target_test: Arrays, embedding: EmbeddingParams, seed: int
) -> DataFrame:
    """Map the kept features of both domains jointly to two dimensions.

    Returns:
        A row per image: ``x``, ``y``, ``domain`` (``source`` or ``target``), ``label``, ``index`` (number of
        the image in its test split).
    """
    import pandas as pd

    from mnistm_da.adaptation.measures.projection import embed as embed_features

    points = embed_features(
        features["source"], features["target"], embedding.method, seed, perplexity=embedding.perplexity
    )
    rows = [
        pd.DataFrame(
            {
                "domain": domain,
                "label": test["labels"][features[f"{domain}_index"]],
                "index": features[f"{domain}_index"],
            }
        )
        for domain, test in (("source", source_test), ("target", target_test))
    ]
    table = pd.concat(rows, ignore_index=True)
    return table.assign(x=points[:, 0], y=points[:, 1])
