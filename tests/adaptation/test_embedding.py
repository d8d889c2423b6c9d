import numpy as np
import pytest

from mnistm_da.adaptation.embedding import METHODS, embed


def clusters(seed=0):
    """60 points of each domain around three far-apart centres."""
    rng = np.random.default_rng(seed)
    centres = 20 * rng.normal(size=(3, 12))
    label = np.arange(60) % 3
    return centres[label] + rng.normal(size=(60, 12)), centres[label] + rng.normal(size=(60, 12)), label


@pytest.mark.parametrize("method", METHODS)
def test_a_map_keeps_neighbours_together(method):
    source, target, label = clusters()
    points = embed(source, target, method, seed=0, perplexity=15)
    assert points.shape == (120, 2)
    assert points.dtype == np.float32
    labels = np.tile(label, 2)
    distance = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    assert (labels[distance.argmin(axis=1)] == labels).mean() > 0.95


@pytest.mark.parametrize("method", METHODS)
def test_same_seed_same_map(method):
    source, target, _ = clusters()
    first, again = (embed(source, target, method, seed=1, perplexity=15) for _ in range(2))
    assert first.tobytes() == again.tobytes()


def test_pca_is_the_projection_on_the_leading_singular_vectors():
    source, target, _ = clusters()
    both = np.concatenate([source, target])
    centred = both - both.mean(axis=0)
    scores = np.linalg.svd(centred, full_matrices=False)
    expected = np.abs(scores[0][:, :2] * scores[1][:2])
    np.testing.assert_allclose(np.abs(embed(source, target, "pca", seed=0)), expected, rtol=1e-4, atol=1e-3)


def test_mistakes_are_named():
    source, target, _ = clusters()
    with pytest.raises(ValueError, match="unknown embedding method 'tnse'; known: pca"):
        embed(source, target, "tnse", seed=0)
    with pytest.raises(ValueError, match="perplexity must be between 0 and the 120 images, got 500"):
        embed(source, target, "tsne", seed=0, perplexity=500)
    with pytest.raises(ValueError, match="width"):
        embed(source, target[:, :5], "pca", seed=0)
