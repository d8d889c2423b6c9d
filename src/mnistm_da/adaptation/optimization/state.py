"""The whole state of a training between two epochs, as named arrays, so that it can be stopped and continued.

Names: ``networks/…`` and ``memory/…`` (of the algorithm), ``optimizer/<i>/<parameter>/…``, ``order/<domain>``,
``random``, ``random_order`` and, on a GPU, ``random_on_device`` (generators), ``kept/<epoch>/…`` (checkpoints),
``history`` (JSON).
"""

import json
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from mnistm_da.adaptation.algorithm import Algorithm, Arrays
from mnistm_da.errors import UserError

History = list[dict[str, float]]


class Order(Iterator[Tensor]):
    """Endless batches of shuffled indices: every index once before any comes again, a remainder dropped.

    Args:
        count: of images; fewer than a batch are drawn with replacement.
        size: of a batch.
        generator: of its random order.
    """

    def __init__(self, count: int, size: int, generator: torch.Generator) -> None:
        self.count, self.size, self.generator = count, size, generator
        self.left = torch.empty(0, dtype=torch.int64)

    def __next__(self) -> Tensor:
        if self.count < self.size:
            return torch.randint(self.count, (self.size,), generator=self.generator)
        if len(self.left) < self.size:
            self.left = torch.randperm(self.count, generator=self.generator)
        chosen, self.left = self.left[: self.size], self.left[self.size :]
        return chosen


def save_state(algorithm: Algorithm, orders: dict[str, Order], history: History, kept: Arrays) -> Arrays:
    """Give the whole state that the next epoch depends on, as copies.

    Args:
        algorithm: in training.
        orders: of the batches, by domain; they share one generator.
        history: a row per finished epoch.
        kept: the checkpoints so far.
    """
    tensors = {f"networks/{name}": tensor for name, tensor in algorithm.networks.state_dict().items()}
    tensors |= {f"memory/{name}": tensor for name, tensor in algorithm.memory.state_dict().items()}
    for number, optimizer in enumerate(algorithm.optimizers):
        for parameter, moments in optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer/{number}/{parameter}/{name}": moment for name, moment in moments.items()}
    tensors |= {f"order/{domain}": order.left for domain, order in orders.items()}
    tensors |= {"random": torch.get_rng_state(), "random_order": orders["target"].generator.get_state()}
    device = _device(algorithm)
    if device.type == "cuda":
        tensors["random_on_device"] = torch.cuda.get_rng_state(device)
    arrays = {name: tensor.detach().cpu().numpy().copy() for name, tensor in tensors.items()}
    arrays |= {f"kept/{name}": array for name, array in kept.items()}
    return arrays | {"history": np.frombuffer(json.dumps(history).encode(), dtype=np.uint8)}


def restore_state(algorithm: Algorithm, orders: dict[str, Order], state: Arrays) -> tuple[History, Arrays]:
    """Put a state into an algorithm and the orders made with the same arguments, and give history and checkpoints.

    Raises:
        UserError: the state is that of another network.
    """
    for modules, start in ((algorithm.networks, "networks/"), (algorithm.memory, "memory/")):
        try:
            modules.load_state_dict(_tensors(state, start))
        except RuntimeError as error:
            raise UserError(f"the stopped training was of another network ({error})") from error
    for number, optimizer in enumerate(algorithm.optimizers):
        moments: dict[int, dict[str, Tensor]] = {}
        for name, tensor in _tensors(state, f"optimizer/{number}/").items():
            parameter, _, moment = name.partition("/")
            moments.setdefault(int(parameter), {})[moment] = tensor
        optimizer.load_state_dict({"state": moments, "param_groups": optimizer.state_dict()["param_groups"]})
    for domain, order in orders.items():
        order.left = torch.from_numpy(state[f"order/{domain}"].copy())
    torch.set_rng_state(torch.from_numpy(state["random"].copy()))
    if "random_on_device" in state and _device(algorithm).type == "cuda":
        torch.cuda.set_rng_state(torch.from_numpy(state["random_on_device"].copy()), _device(algorithm))
    orders["target"].generator.set_state(torch.from_numpy(state["random_order"].copy()))
    return history(state), kept(state)


def _device(algorithm: Algorithm) -> torch.device:
    return next(algorithm.networks.parameters()).device


def finished(state: Arrays) -> Arrays:
    """Give the state of a finished training without the parts that only a further epoch would need."""
    return {name: array for name, array in state.items() if name == "history" or name.startswith("kept/")}


def history(state: Arrays) -> History:
    """Give the row of every finished epoch."""
    rows: History = json.loads(bytes(state["history"]))
    return rows


def kept(state: Arrays) -> Arrays:
    """Give the checkpoints: `weights` by ``<epoch>/<name>``."""
    return _part(state, "kept/")


def _part(state: Arrays, start: str) -> Arrays:
    return {name.removeprefix(start): array for name, array in state.items() if name.startswith(start)}


def _tensors(state: Arrays, start: str) -> dict[str, Tensor]:
    return {name: torch.from_numpy(array.copy()) for name, array in _part(state, start).items()}
