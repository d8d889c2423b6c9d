"""On a CUDA device: `make test-gpu`. Without one all of this is skipped."""

import pytest
import torch

from mnistm_da.adaptation.algorithms.dann import DANN
from mnistm_da.adaptation.models import loading
from mnistm_da.adaptation.optimization import loop, state
from mnistm_da.adaptation.optimization.batches import Batches
from mnistm_da.adaptation.registry import ALGORITHMS, algorithm_class
from mnistm_da.domains.format import DIGITS
from mnistm_da.parameters import NetworkParams, TrainingParams
from training_data import CPU, DATA, no_bar

if not torch.cuda.is_available():
    pytest.skip("no CUDA device", allow_module_level=True)


def trained(name, device, **more):
    params = TrainingParams(epochs=2, batch_size=16, **more)
    algorithm = loading.build(algorithm_class(name), {}, NetworkParams(), DIGITS, seed=0)
    *_, last = loop.train(algorithm, DATA, params, seed=0, device=torch.device(device), progress_bar=no_bar)
    return state.history(last)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_every_algorithm_trains(name):
    assert [row["epoch"] for row in trained(name, "cuda")] == [1, 2]


def test_the_first_epoch_is_that_of_a_processor():
    here, there = trained("source_only", CPU), trained("source_only", "cuda")
    assert there[0]["loss/classification"] == pytest.approx(here[0]["loss/classification"], rel=0.05)


def test_a_step_does_not_wait_for_the_device():
    algorithm = loading.build(DANN, {}, NetworkParams(), DIGITS, seed=0)
    algorithm.prepare(TrainingParams())
    algorithm.networks.cuda().train()
    batches = Batches(DATA, TrainingParams(batch_size=16), True, 0, torch.device("cuda"), 3)
    algorithm.step(next(iter(batches)), 0.0)  # the optimizer makes its moments
    torch.cuda.set_sync_debug_mode("error")
    try:
        for number, batch in enumerate(batches):
            algorithm.step(batch, number / 4)
    finally:
        torch.cuda.set_sync_debug_mode("default")


def test_a_stopped_training_goes_on_with_the_random_numbers_of_the_device():
    """Dropout draws them there; else the epochs after a stop would repeat those of the first."""
    params = TrainingParams(epochs=2, batch_size=16)
    found = {}
    for name in ("whole", "gone on"):
        algorithm = loading.build(DANN, {}, NetworkParams(), DIGITS, seed=0)
        stopped = found.get("first") if name == "gone on" else None
        run = loop.train(
            algorithm, DATA, params, seed=0, device=torch.device("cuda"), progress_bar=no_bar, stopped=stopped
        )
        states = list(run)
        found.setdefault("first", states[0])
        found[name] = states[-1]["random_on_device"].tolist()
    assert found["gone on"] == found["whole"]
    assert found["whole"] != found["first"]["random_on_device"].tolist()


def test_half_precision_and_compiled_kernels_train():
    history = trained("dann", "cuda", precision="bfloat16", compile=True)
    exact = trained("dann", "cuda")
    assert history[0]["loss/classification"] == pytest.approx(exact[0]["loss/classification"], rel=0.1)
