"""Where algorithms keep to their papers, which one would not see in their results."""

import numpy as np
import pytest
import torch

from mnistm_da.adaptation.algorithms.adabn import AdaBN
from mnistm_da.adaptation.algorithms.sliced_wasserstein import SlicedWassersteinDiscrepancy
from mnistm_da.adaptation.models import checkpoints, loading
from mnistm_da.adaptation.networks.forward import as_input
from mnistm_da.adaptation.optimization import loop, state
from mnistm_da.domains.format import DIGITS
from mnistm_da.parameters import NetworkParams, TrainingParams
from training_data import CPU, DATA, no_bar


def test_every_model_that_is_kept_of_adabn_has_the_statistics_of_the_target():
    """And keeping one does not change the training."""
    kept = {}
    for count in (1, 3):
        params = TrainingParams(epochs=3, batch_size=16)
        algorithm = loading.build(AdaBN, {}, NetworkParams(), DIGITS, seed=0)
        *_, last = loop.train(algorithm, DATA, params, seed=0, device=CPU, progress_bar=no_bar, checkpoints=count)
        kept[count] = state.kept(last)
    for name, array in checkpoints.checkpoint(kept[1], 3).items():
        np.testing.assert_array_equal(array, checkpoints.checkpoint(kept[3], 3)[name])
    images = as_input(torch.from_numpy(DATA.target["images"]))
    for epoch in (1, 2, 3):
        model = loading.restore(
            loading.build(AdaBN, {}, NetworkParams(), DIGITS, 0), checkpoints.checkpoint(kept[3], epoch)
        )
        extractor = model.feature_extractor
        first = extractor.pooling1(extractor.convolution1(extractor.normalisation(images)))
        found = extractor.norm1.running_mean
        np.testing.assert_allclose(found, first.mean(dim=(0, 2, 3)).detach(), rtol=1e-3, atol=1e-5)


def test_sliced_wasserstein_compares_two_classifiers_by_the_sorted_projections_of_their_predictions():
    compare = loading.build(SlicedWassersteinDiscrepancy, {}, NetworkParams(), DIGITS, seed=0).discrepancy()
    torch.manual_seed(1)
    one, other = torch.randn(16, 10), torch.randn(16, 10)
    assert compare(one, one[torch.randperm(16)]).item() == pytest.approx(0, abs=1e-9)
    torch.manual_seed(2)
    directions = torch.randn(10, 128).numpy()
    directions /= np.linalg.norm(directions, axis=0)
    sorted_ = [np.sort(logits.softmax(dim=1).numpy() @ directions, axis=0) for logits in (one, other)]
    torch.manual_seed(2)
    assert compare(one, other).item() == pytest.approx(((sorted_[0] - sorted_[1]) ** 2).mean(), rel=1e-4)
