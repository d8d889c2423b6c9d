"""Two-dimensional maps of both domains' features, one joint map for the two.

A map is a picture, not a measurement: distances in a t-SNE map mean little beyond "near" and "not near". How
far apart the domains are is measured by `evaluation.proxy_a_distance`.
"""

from collections.abc import Callable

import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits

from .evaluation import check_features

PRINCIPAL_COMPONENTS = 50
"""Dimensions kept before t-SNE, as in van der Maaten and Hinton 2008, §4.2: less noise and quicker neighbours."""


def embed(
    source_features: np.ndarray, target_features: np.ndarray, method: str, seed: int, perplexity: float = 30
) -> np.ndarray:
    """Map the features of both domains into one plane.

    Args:
        source_features: ``(Ns, D)`` floats, finite.
        target_features: ``(Nt, D)`` floats, finite.
        method: a name of `METHODS`.
        seed: same seed, same map.
        perplexity: how many neighbours an image has, roughly (t-SNE only); less than Ns + Nt.

    Returns:
        ``(Ns + Nt, 2)`` float32, the source's rows first.

    Raises:
        ValueError: an unknown method (the known ones are listed), features that `check_features` refuses or
            with fewer than two columns, or a perplexity that is not between 0 and Ns + Nt.
    """
    if method not in METHODS:
        raise ValueError(f"unknown embedding method {method!r}; known: {', '.join(sorted(METHODS))}")
    features = np.concatenate(check_features(source_features, target_features))
    if features.shape[1] < 2:
        raise ValueError(f"a map needs features of at least 2 columns, got {features.shape[1]}")
    # Sums split over threads are rounded differently from run to run, and t-SNE amplifies that into another map.
    with threadpool_limits(limits=1):
        return METHODS[method](features, seed, perplexity).astype(np.float32)


def _pca(features: np.ndarray, seed: int, perplexity: float) -> np.ndarray:
    return PCA(n_components=2, random_state=seed).fit_transform(features)


def _tsne(features: np.ndarray, seed: int, perplexity: float) -> np.ndarray:
    """Van der Maaten and Hinton, "Visualizing Data using t-SNE", JMLR 2008 (Barnes–Hut approximation)."""
    if not 0 < perplexity < len(features):
        raise ValueError(f"perplexity must be between 0 and the {len(features)} images, got {perplexity}")
    kept = min(PRINCIPAL_COMPONENTS, *features.shape)
    features = PCA(n_components=kept, random_state=seed).fit_transform(features)
    # Started from the principal components, so that the map's large-scale layout is that of the data.
    return TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(features)


METHODS: dict[str, Callable[[np.ndarray, int, float], np.ndarray]] = {"pca": _pca, "tsne": _tsne}
"""Name to function of the features ``(N, D)``, the seed and the perplexity, which gives ``(N, 2)``."""
