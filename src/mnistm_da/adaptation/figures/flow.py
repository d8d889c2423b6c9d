"""Watch an algorithm's networks in training: it does real steps on noise, and each tensor is followed.

A layer here is a convolution or linear map with what follows it and has no weight matrix: norm, activation, pooling.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook
from torch.overrides import TorchFunctionMode

from mnistm_da.adaptation.algorithm import Algorithm, Batch, Splits
from mnistm_da.parameters import TrainingParams

OF_EACH_CLASS = 2
"""Images in the batch of noise, in each domain; two, since some losses compare within a class."""


@dataclass
class Layer:
    """A box of the graph.

    Attributes:
        network: which it is part of.
        modules: its parts, in the order of the forward pass.
        shape: of its output, without the batch.
    """

    network: str
    modules: list[nn.Module] = field(default_factory=list)
    shape: tuple[int, ...] = ()

    @property
    def parameters(self) -> int:
        """How many weights are in it."""
        return sum(weight.numel() for module in self.modules for weight in module.parameters())


@dataclass
class Flow:
    """The layers that were called, and the data that went between them.

    Attributes:
        layers: in the order of the first forward pass.
        edges: pairs of numbers of `layers`; or from the name of an input, or to the name of a loss term.
    """

    layers: list[Layer] = field(default_factory=list)
    edges: dict[tuple[int | str, int | str], None] = field(default_factory=dict)  # ordered, unlike a set


def observe(algorithm: Algorithm, target_labels: str) -> Flow:
    """Let an algorithm do its steps on noise, at the start and in the middle of its training, and see what flows where.

    Args:
        algorithm: fresh; it is not fit for training afterwards.
        target_labels: ``none``, ``few`` or ``all``: what it is trained on, as the registry says.
    """
    generator, count = torch.Generator().manual_seed(0), OF_EACH_CLASS * algorithm.classes
    source, target, few = (torch.rand(count, *algorithm.format.shape, generator=generator) for _ in range(3))
    labels = torch.arange(count) % algorithm.classes
    stored = [(255 * images).to(torch.uint8) for images in (source, target)]
    splits = Splits(stored[0], labels, stored[1])
    algorithm.prepare(TrainingParams())
    algorithm.networks.train()
    algorithm.begin(splits)
    if target_labels == "few":
        algorithm.prepare_few_label_step()
    batch = Batch(source, labels, target, labels if target_labels == "all" else None, torch.arange(count))
    with _Tracer(algorithm) as tracer:
        for name, images in (("source images", source), ("target images", target), ("few labelled target images", few)):
            tracer.mark(images, name)
        for progress in (0.0, 0.5):
            algorithm.start_epoch(splits, progress)
            terms = algorithm.step(batch, progress)
            if target_labels == "few":
                terms["few_labels"] = algorithm.few_label_step(few, labels)
            for name, term in terms.items():
                tracer.reach(term, name)
    return tracer.flow


class _Tracer(TorchFunctionMode):
    """Remembers of every tensor which layers, or inputs, it was computed from directly."""

    def __init__(self, algorithm: Algorithm) -> None:
        super().__init__()
        self.flow = Flow()
        self.leaves = {
            leaf: name
            for name, network in (*algorithm.networks.items(), *algorithm.memory.items())
            for leaf in network.modules()
            if not list(leaf.children()) and any(True for _ in network.parameters())  # not a memory of labels
        }
        self.layer_of: dict[nn.Module, int] = {}

    def __enter__(self) -> "_Tracer":
        self.handle = register_module_forward_hook(self._after_module)
        super().__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        self.handle.remove()

    def mark(self, tensor: Tensor, *origins: int | str) -> None:
        tensor.origins = dict.fromkeys(origins)  # type: ignore[attr-defined]

    def reach(self, term: Tensor, name: str) -> None:
        for origin in getattr(term, "origins", ()):
            self.flow.edges[origin, name] = None

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = function(*args, **(kwargs or {}))
        self._inherit(result, (args, kwargs or {}))
        return result

    def _inherit(self, result: Any, sources: Any) -> None:
        origins = _origins(sources)
        for tensor in _tensors(result):
            if origins and not hasattr(tensor, "origins"):
                self.mark(tensor, *origins)

    def _after_module(self, module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        if module not in self.leaves:  # a container, or a gradient reversal: what it computes is not seen otherwise
            self._inherit(output, args)
            return
        origins = _origins(args)
        if module not in self.layer_of:
            self.layer_of[module] = self._layer_for(module, origins)
        number = self.layer_of[module]
        layer = self.flow.layers[number]
        layer.shape = tuple(output.shape[1:])
        for origin in origins:
            if origin != number:
                self.flow.edges[origin, number] = None
        self.mark(output, number)

    def _layer_for(self, module: nn.Module, origins: list[int | str]) -> int:
        """Give the layer that a module belongs to: the one before it, unless it is the first of a new one."""
        network = self.leaves[module]
        before = origins[0] if len(origins) == 1 else None
        if isinstance(before, int) and self.flow.layers[before].network == network and not _has_matrix(module):
            self.flow.layers[before].modules.append(module)
            return before
        self.flow.layers.append(Layer(network, [module]))
        return len(self.flow.layers) - 1


def _has_matrix(module: nn.Module) -> bool:
    return any(weight.dim() > 1 for weight in module.parameters())


def _tensors(value: Any) -> Iterable[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _tensors(part)


def _origins(value: Any) -> list[int | str]:
    return list(dict.fromkeys(origin for tensor in _tensors(value) for origin in getattr(tensor, "origins", ())))
