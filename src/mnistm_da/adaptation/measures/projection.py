"""Two-dimensional maps of both domains' features, one joint map for the two.

A map is a picture, not a measurement: distances in a t-SNE map mean little beyond "near" and "not near". How
far apart the domains are is measured by `evaluation.proxy_a_distance`.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.linalg import orthogonal_procrustes
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits

from mnistm_da.adaptation.measures.scores import check_features
from mnistm_da.errors import UserError

PRINCIPAL_COMPONENTS = 50
"""Dimensions kept before t-SNE and UMAP, as in van der Maaten and Hinton 2008, §4.2: less noise, quicker neighbours."""


def embed(
    source_features: np.ndarray, target_features: np.ndarray, method: str, seed: int, perplexity: float = 30
) -> np.ndarray:
    """Map the features of both domains into one plane.

    Args:
        source_features: ``(Ns, D)`` floats, finite.
        target_features: ``(Nt, D)`` floats, finite.
        method: a name of `METHODS`.
        seed: same seed, same map.
        perplexity: how many neighbours an image has, roughly: t-SNE's perplexity, UMAP's number of neighbours (rounded;
            at least 2); less than Ns + Nt. PCA has none.

    Returns:
        ``(Ns + Nt, 2)`` float32, the source's rows first.

    Raises:
        UserError: an unknown method (the known ones are listed), features that `check_features` refuses or
            with fewer than two columns, or a perplexity that is not between 0 and Ns + Nt.
    """
    if method not in METHODS:
        raise UserError(f"unknown embedding method {method!r}; known: {', '.join(sorted(METHODS))}")
    features = np.concatenate(check_features(source_features, target_features))
    if features.shape[1] < 2:
        raise UserError(f"a map needs features of at least 2 columns, got {features.shape[1]}")
    # Sums split over threads are rounded differently from run to run, and t-SNE amplifies that into another map.
    with threadpool_limits(limits=1):
        return METHODS[method](features, seed, perplexity).astype(np.float32)


def _pca(features: np.ndarray, seed: int, perplexity: float) -> np.ndarray:
    return PCA(n_components=2, random_state=seed).fit_transform(features)


def _tsne(features: np.ndarray, seed: int, perplexity: float) -> np.ndarray:
    """Van der Maaten and Hinton, "Visualizing Data using t-SNE", JMLR 2008 (Barnes–Hut approximation)."""
    # Started from the principal components, so that the map's large-scale layout is that of the data.
    model = TSNE(perplexity=perplexity, init="pca", random_state=seed)
    return model.fit_transform(_reduced(features, seed, perplexity))


def _umap(features: np.ndarray, seed: int, perplexity: float) -> np.ndarray:
    """McInnes, Healy and Melville, "UMAP", 2018 (arXiv 1802.03426); started from the principal components too."""
    reduced = _reduced(features, seed, perplexity)
    from umap import UMAP  # here, since it compiles on import, for half a minute the first time

    neighbours = max(2, round(perplexity))
    return UMAP(n_neighbors=neighbours, init="pca", random_state=seed, n_jobs=1).fit_transform(reduced)


def _reduced(features: np.ndarray, seed: int, perplexity: float) -> np.ndarray:
    if not 0 < perplexity < len(features):
        raise UserError(f"perplexity must be between 0 and the {len(features)} images, got {perplexity}")
    kept = min(PRINCIPAL_COMPONENTS, *features.shape)
    return PCA(n_components=kept, random_state=seed).fit_transform(features)


METHODS: dict[str, Callable[[np.ndarray, int, float], np.ndarray]] = {"pca": _pca, "tsne": _tsne, "umap": _umap}
"""Name to function of the features ``(N, D)``, the seed and the perplexity, which gives ``(N, 2)``."""


def align(table: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    """Turn, mirror and shift a map so that its source classes lie as near as they can to those of another map.

    Where a map lies in the plane, and which way it faces, means nothing, so two maps can only be compared by eye after
    this. No distance within the map changes: it is the orthogonal Procrustes problem (Schönemann, Psychometrika 1966)
    for the centroids of the source's classes, which the networks of all algorithms keep apart.

    Args:
        table: a map: a row per image, ``x``, ``y``, ``domain`` (``source``, ``target``) and ``label``.
        reference: the map that stays as it is; likewise.

    Returns:
        ``table`` with other ``x`` and ``y``.
    """
    own, fixed = (one[one["domain"] == "source"].groupby("label")[["x", "y"]].mean() for one in (table, reference))
    shared = own.index.intersection(fixed.index)
    own, fixed = own.loc[shared], fixed.loc[shared]
    rotation, _ = orthogonal_procrustes(own - own.mean(), fixed - fixed.mean())
    points = (table[["x", "y"]] - own.mean()).to_numpy() @ rotation + fixed.mean().to_numpy()
    return table.assign(x=points[:, 0], y=points[:, 1])
