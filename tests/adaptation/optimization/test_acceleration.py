"""The way a GPU is used, on a processor: lower precision and compiled networks train as usual."""

import math

import pytest
import torch

from mnistm_da.adaptation.models import loading
from mnistm_da.adaptation.optimization import loop, state
from mnistm_da.adaptation.registry import algorithm_class
from mnistm_da.domains.format import DIGITS
from mnistm_da.parameters import NetworkParams, TrainingParams
from training_data import CPU, DATA, no_bar


def trained(name, **more):
    params = TrainingParams(epochs=2, batch_size=16, **more)
    algorithm = loading.build(algorithm_class(name), {}, NetworkParams(dropout=0.0), DIGITS, seed=0)
    *_, last = loop.train(algorithm, DATA, params, seed=0, device=CPU, progress_bar=no_bar)
    return algorithm, state.history(last)


@pytest.mark.parametrize("name", ["dann", "bnm", "adda", "self_training", "gvb", "afn", "atdoc", "cdd", "rtn"])
def test_lower_precision_trains_and_leaves_weights_and_losses_in_float32(name):
    made, history = trained(name, precision="bfloat16")
    assert all(math.isfinite(value) for row in history for value in row.values())
    assert {tensor.dtype for tensor in made.networks.parameters()} == {torch.float32}
    seen = set()
    made.feature_extractor[1].register_forward_hook(lambda module, inputs, output: seen.add(output.dtype))
    assert made.features(torch.rand(4, 3, 28, 28)).dtype == torch.float32
    assert seen == {torch.bfloat16}
    exact = trained(name)[1]
    [term] = [column for column in history[0] if column.startswith("loss/") and column.endswith("classification")]
    # Five seeds each: at most 0.9 % apart, for whichever algorithm.
    assert history[0][term] == pytest.approx(exact[0][term], rel=0.1)


def test_a_network_in_lower_precision_follows_its_weights_within_a_step():
    made, _ = trained("source_only", precision="bfloat16")
    images = torch.rand(4, 3, 28, 28)
    before = made.logits(images)
    with torch.no_grad():
        made.feature_extractor[1].weight.mul_(-1)
    assert not torch.equal(made.logits(images), before)


@pytest.mark.parametrize("more", [{"precision": "bfloat16"}, {"compile": True}])
def test_an_algorithm_that_needs_exact_networks_says_so(more):
    with pytest.raises(ValueError, match=r"Wasserstein looks at derivatives .*precision=float32 and .*compile=false"):
        trained("wasserstein", **more)


def test_compiled_networks_learn_the_same():
    plain, history = trained("dann")
    made, compiled = trained("dann", compile=True)
    assert made.feature_extractor._compiled_call_impl is not None
    for row, other in zip(history, compiled, strict=True):
        for column in row.keys() - {"seconds"}:
            assert other[column] == pytest.approx(row[column], rel=1e-3), column
    assert loading.weights(made).keys() == loading.weights(plain).keys(), "compiled or not, the model is saved alike"
