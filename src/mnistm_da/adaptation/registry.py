"""The class of every algorithm by its name; the names are in `mnistm_da/registry.py`."""

from importlib import import_module
from typing import TYPE_CHECKING

from mnistm_da.errors import UserError, unknown
from mnistm_da.registry import ALGORITHMS, FIT_FOR_PARTIAL, Entry, trained_in_order

if TYPE_CHECKING:
    from mnistm_da.adaptation.algorithm import Algorithm

__all__ = ["ALGORITHMS", "FIT_FOR_PARTIAL", "Entry", "algorithm_class", "classes", "trained_in_order"]


def classes() -> dict[str, str]:
    """Give ``package.module:Class`` of every algorithm; `lineage/code.py` asks for it."""
    return {name: f"{__package__}.algorithms.{entry.path}" for name, entry in ALGORITHMS.items()}


def algorithm_class(name: str) -> type["Algorithm"]:
    """Import the class of an algorithm.

    Raises:
        UserError: there is no such algorithm; lists the known ones.
    """
    if name not in ALGORITHMS:
        raise UserError(unknown("algorithm", name, ALGORITHMS))
    module, class_name = classes()[name].split(":")
    found: type[Algorithm] = getattr(import_module(module), class_name)
    return found
