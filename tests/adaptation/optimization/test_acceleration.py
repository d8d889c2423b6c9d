"""Lower precision and compiled networks, on a processor: they train as usual."""

import math

import pytest
import torch
from torch.overrides import TorchFunctionMode

from mnistm_da.adaptation.algorithm import Batch, Splits
from mnistm_da.adaptation.models import loading
from mnistm_da.adaptation.networks.forward import as_input
from mnistm_da.adaptation.optimization import loop, state
from mnistm_da.adaptation.optimization.acceleration import has_bfloat16, in_precision, with_precision
from mnistm_da.adaptation.registry import ALGORITHMS, algorithm_class
from mnistm_da.domains.format import DIGITS
from mnistm_da.parameters import TrainingParams
from training_data import CPU, DATA, SMALL, narrow, no_bar

SPLITS = Splits(*(torch.from_numpy(array) for array in (*DATA.source.values(), DATA.target["images"])))
INDEX = torch.arange(32)
BATCH = Batch(
    as_input(SPLITS.source_images[INDEX]),
    SPLITS.source_labels[INDEX],
    as_input(SPLITS.target_images[INDEX]),
    SPLITS.source_labels[INDEX],  # of any use to the bound alone
    INDEX,
)

LOWER = TrainingParams(precision="bfloat16")
NARROW = SMALL.model_copy(update={"dropout": 0.0})
"""Where a processor has no instructions for bfloat16, it takes several times as long as float32."""


def trained(name, **more):
    params = TrainingParams(epochs=2, batch_size=16, **more)
    algorithm = loading.build(algorithm_class(name), narrow(algorithm_class(name)), NARROW, DIGITS, seed=0)
    *_, last = loop.train(algorithm, DATA, params, seed=0, device=CPU, progress_bar=no_bar)
    return algorithm, state.history(last)


@pytest.mark.parametrize("name", ["dann", "bnm", "adda", "self_training", "gvb", "afn", "atdoc", "cdd", "rtn"])
def test_lower_precision_trains_and_leaves_weights_and_losses_in_float32(name):
    made, history = trained(name, precision="bfloat16")
    assert all(math.isfinite(value) for row in history for value in row.values())
    assert {tensor.dtype for tensor in made.networks.parameters()} == {torch.float32}
    seen = set()
    made.feature_extractor[1].register_forward_hook(lambda module, inputs, output: seen.add(output.dtype))
    with in_precision(made, LOWER, CPU):
        assert made.features(torch.rand(4, 3, 28, 28)).dtype == torch.float32
    assert seen == {torch.bfloat16}
    made.features(torch.rand(4, 3, 28, 28))
    assert seen == {torch.bfloat16, torch.float32}, "what is trained is used in float32, as the model saved of it"
    exact = trained(name)[1]
    [term] = [column for column in history[0] if column.startswith("loss/") and column.endswith("classification")]
    # Five seeds each: at most 0.9 % apart, for whichever algorithm.
    assert history[0][term] == pytest.approx(exact[0][term], rel=0.1)


def test_a_network_in_lower_precision_follows_its_weights_within_a_step():
    made, _ = trained("source_only", precision="bfloat16")
    images = torch.rand(4, 3, 28, 28)
    with in_precision(made, LOWER, CPU):
        before = made.logits(images)
        with torch.no_grad():
            made.feature_extractor[1].weight.mul_(-1)
        assert not torch.equal(made.logits(images), before)


@pytest.mark.parametrize("more", [{"precision": "bfloat16"}, {"compile": True}])
def test_an_algorithm_that_needs_exact_networks_says_so(more):
    with pytest.raises(ValueError, match=r"Wasserstein looks at derivatives .*precision=float32 .*compile=false"):
        trained("wasserstein", **more)


@pytest.mark.parametrize(
    ("told", "lower"),
    [
        ({"avx512_bf16": True}, True),
        ({"amx_bf16": True}, True),
        ({"avx512_f": True, "amx_bf16": False}, False),
        ({}, False),
    ],
)
def test_auto_is_bfloat16_where_the_processor_has_instructions_for_it(monkeypatch, told, lower):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: told, raising=False)
    assert has_bfloat16(CPU) is lower
    auto = TrainingParams(precision="auto")
    assert with_precision(auto, algorithm_class("dann"), CPU).precision == ("bfloat16" if lower else "float32")
    assert with_precision(auto, algorithm_class("vada"), CPU).precision == "float32", "it needs exact networks"
    for named in ("float32", "bfloat16"):
        assert with_precision(TrainingParams(precision=named), algorithm_class("vada"), CPU).precision == named


def test_auto_is_float32_where_nothing_is_told_of_the_processor(monkeypatch):
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert not has_bfloat16(CPU)
    assert not has_bfloat16(torch.device("mps"))


def test_a_training_in_auto_is_one_in_what_it_means_here(monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": True}, raising=False)
    made, _ = trained("source_only", precision="auto")
    again, _ = trained("source_only", precision="bfloat16")
    for name, array in loading.weights(made).items():
        assert (array == loading.weights(again)[name]).all(), "same seed, same bytes"


@pytest.mark.parametrize("name", [name for name in ALGORITHMS if not algorithm_class(name).needs_exact_networks])
def test_every_loss_in_lower_precision_is_computed_in_float32(name, monkeypatch):
    """Everything between the networks' outputs and the optimizer: no operation there sees a bfloat16 tensor."""
    algorithm = loading.build(algorithm_class(name), narrow(algorithm_class(name)), NARROW, DIGITS, seed=0)
    algorithm.prepare(TrainingParams())
    algorithm.begin(SPLITS)
    inside = 0

    class Watch(TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            result = function(*args, **(kwargs or {}))
            if not inside:
                given = [value for value in (result, *args) if isinstance(value, torch.Tensor)]
                assert torch.bfloat16 not in {value.dtype for value in given}, function
            return result

    def entered(forward):
        def run(*inputs, **options):
            nonlocal inside
            inside += 1
            try:
                return forward(*inputs, **options)
            finally:
                inside -= 1

        return run

    with in_precision(algorithm, LOWER, CPU):
        lowered = [m for m in (*algorithm.networks.values(), *algorithm.memory.values()) if "forward" in vars(m)]
        assert algorithm.feature_extractor in lowered
        for network in lowered:
            network.forward = entered(network.forward)
        with Watch():
            for progress in (0.0, 0.5):
                algorithm.start_epoch(SPLITS, progress)
                losses = algorithm.step(BATCH, progress)
    assert {loss.dtype for loss in losses.values()} == {torch.float32}


@pytest.mark.parametrize("name", ["cdan", "rtn", "atdoc"])
def test_what_has_nothing_to_train_stays_in_float32(name):
    made, _ = trained(name, precision="bfloat16")
    fixed = [m for m in (*made.networks.values(), *made.memory.values()) if not list(m.parameters())]
    assert fixed
    with in_precision(made, LOWER, CPU):
        assert not [module for module in fixed if "forward" in vars(module)]


def test_prototypes_are_compared_in_float32():
    made, _ = trained("mme", precision="bfloat16")
    features = torch.randn(8, made.architecture.features)
    exact = made.classifier(features)
    with in_precision(made, LOWER, CPU):
        torch.testing.assert_close(made.classifier(features), exact, rtol=0, atol=0)


@pytest.mark.parametrize("name", ["dann", "symnets"])
def test_compiled_networks_learn_the_same(name):
    """Also after others that were compiled in this process: torch uses what it compiled for them."""
    plain, history = trained(name)
    trained("source_only", compile=True)
    made, compiled = trained(name, compile=True)
    assert made.feature_extractor._compiled_call_impl is not None
    for row, other in zip(history, compiled, strict=True):
        for column in row.keys() - {"seconds"}:
            assert other[column] == pytest.approx(row[column], rel=1e-3), column
    assert loading.weights(made).keys() == loading.weights(plain).keys(), "compiled or not, the model is saved alike"
