import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import pdist

from mnistm_da.adaptation.measures.projection import METHODS, align, embed


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
    for method in ("tsne", "umap"):
        with pytest.raises(ValueError, match="perplexity must be between 0 and the 120 images, got 500"):
            embed(source, target, method, seed=0, perplexity=500)
    with pytest.raises(ValueError, match="width"):
        embed(source, target[:, :5], "pca", seed=0)


def a_map(points: np.ndarray, label: np.ndarray) -> pd.DataFrame:
    domain = np.repeat(["source", "target"], len(points) // 2)
    return pd.DataFrame({"x": points[:, 0], "y": points[:, 1], "domain": domain, "label": label})


def test_a_map_that_was_only_turned_mirrored_and_shifted_comes_back():
    source, target, label = clusters()
    reference = a_map(np.concatenate([source, target])[:, :2], np.tile(label, 2))
    turn = np.array([[0.6, -0.8], [-0.8, -0.6]])
    moved = reference.assign(**dict(zip("xy", (reference[["x", "y"]].to_numpy() @ turn + [5, -7]).T, strict=True)))
    pd.testing.assert_frame_equal(align(moved, reference), reference)


def test_aligning_changes_no_distance_and_brings_the_source_digits_nearer():
    rng = np.random.default_rng(0)
    label = np.arange(80) % 10
    one, other = (a_map(rng.normal(size=(80, 2)), label) for _ in range(2))
    aligned = align(one, other)
    np.testing.assert_allclose(pdist(aligned[["x", "y"]]), pdist(one[["x", "y"]]))

    def gap(table):
        means = [t[t["domain"] == "source"].groupby("label")[["x", "y"]].mean() for t in (table, other)]
        return ((means[0] - means[1]) ** 2).to_numpy().sum()

    assert gap(aligned) < gap(one)


def test_only_a_umap_map_imports_umap():
    code = (
        "import sys, numpy as np; from mnistm_da.adaptation.measures.projection import embed; "
        "x = np.random.default_rng(0).normal(size=(20, 4)); embed(x, x, 'tsne', 0, perplexity=5); "
        "sys.exit('umap' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
