import numpy as np
import pytest
import torch

from mnistm_da.adaptation.measures.validators import VALIDATORS, Outputs
from mnistm_da.adaptation.optimization.device import resolve_device


@pytest.mark.parametrize(
    ("cuda", "mps", "chosen"),
    [(True, False, "cuda"), (False, True, "cpu"), (True, True, "cuda"), (False, False, "cpu")],
)
def test_auto_takes_no_device_on_which_no_result_was_made(cuda, mps, chosen, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert resolve_device("auto").type == chosen
    if mps:
        assert resolve_device("mps").type == "mps"


@pytest.mark.parametrize("name", VALIDATORS)
def test_no_validator_turns_tensors_into_float64(name, monkeypatch):
    def refuse(tensor):
        raise TypeError("Cannot convert a MPS Tensor to float64 dtype")

    monkeypatch.setattr(torch.Tensor, "double", refuse)
    rng = np.random.default_rng(0)
    outputs = [
        Outputs(
            *(torch.from_numpy(rng.normal(size=(40, n)).astype(np.float32)) for n in (20, 10)), torch.arange(40) % 10
        )
        for _ in range(2)
    ]
    assert np.isfinite(VALIDATORS[name](*outputs))
