"""Map the features of both domains to the plane."""

import numpy as np

from mnistm_da.parameters import EmbeddingParams
from mnistm_da.pipelines.hints import DataFrame

Arrays = dict[str, np.ndarray]


def embed(
    features: Arrays, source_test: Arrays, target_test: Arrays, embedding: EmbeddingParams, seed: int
) -> DataFrame:
    """Map the kept features of both domains jointly to two dimensions.

    Returns:
        A row per image: ``x``, ``y``, ``domain`` (``source`` or ``target``), ``label``, ``index`` (number of
        the image in its test split).
    """
    import pandas as pd

    from mnistm_da.adaptation.embedding import embed as embed_features

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
