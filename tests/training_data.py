"""A few small images of both domains to train on, no progress bar, and the training node at work on them."""

import contextlib

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from conftest import make_split
from mnistm_da.adaptation.models import loading
from mnistm_da.adaptation.optimization import loop, state
from mnistm_da.adaptation.optimization.batches import TrainingData
from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.domains.format import DIGITS
from mnistm_da.parameters import NetworkParams, SelectionParams, TrainingParams
from mnistm_da.pipelines.training.nodes import train

CPU = torch.device("cpu")

DATA = TrainingData(
    make_split(64, channels=1, seed=0), make_split(40, channels=1, seed=1), make_split(48, channels=3, seed=2)
)


def for_training(name, data=DATA):
    """Give of the data what the training of an algorithm may read."""
    return data.without_source() if ALGORITHMS[name].source_free else data


PARAMS = TrainingParams(epochs=2, batch_size=32)
SMALL = NetworkParams(width=4)
"""The number of features does not depend on the width; only the first convolution is quicker."""


@contextlib.contextmanager
def no_bar(steps):
    yield lambda description: None


def narrow(make):
    """Own parameters with which the networks that make images take little of the time of these tests."""
    return {"width": 2} if "width" in make.Params.model_fields else {}


def run(make, params=PARAMS, seed=0, data=None, own=None, form=DIGITS, network=SMALL):
    algorithm = loading.build(make, own or narrow(make), network, form, seed)
    *_, last = loop.train(algorithm, data or DATA, params, seed=seed, device=CPU, progress_bar=no_bar)
    return algorithm, state.history(last)


def states(name, **more):
    """Give the states of a training node: one epoch on small splits."""
    source = make_split(64, channels=1, seed=0)
    of_source = {} if ALGORITHMS[name].source_free else {"source_train": source, "source_validation": source}
    common = of_source | {
        "target_train": {"images": make_split(64, channels=3, seed=1)["images"]},
        "params": {},
        "network": NetworkParams(),
        "training": TrainingParams(epochs=1, batch_size=16),
        "selection": SelectionParams(),
        "format": DIGITS.model_dump(),
        "seed": 0,
        "device": "cpu",
        "resume": False,
        "earlier_state": lambda: None,
    }
    return list(train(**common | more, algorithm=name))


class _OnHost(torch.Tensor):
    """A tensor that was copied from the device; tensors computed from it are of this class, too."""


class WithoutFloat64(TorchFunctionMode):
    """A device without float64, as Apple's is: only what ``.cpu()`` gave may be or become float64."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        if function is torch.Tensor.cpu:
            return result.as_subclass(_OnHost)
        for value in tree_leaves(result):
            if isinstance(value, torch.Tensor) and not isinstance(value, _OnHost):
                assert value.dtype not in (torch.float64, torch.complex128), f"{function} makes {value.dtype}"
        return result
