"""The class of every architecture by its name; the names are in `mnistm_da/registry.py`."""

from importlib import import_module
from typing import TYPE_CHECKING

from mnistm_da.registry import ARCHITECTURES

if TYPE_CHECKING:
    from mnistm_da.adaptation.networks.base import Architecture

__all__ = ["ARCHITECTURES", "architecture_class", "classes"]


def classes() -> dict[str, str]:
    """Give ``package.module:Class`` of every architecture; `lineage/code.py` asks for it."""
    return {name: f"{__package__}.{path}" for name, path in ARCHITECTURES.items()}


def architecture_class(name: str) -> type["Architecture"]:
    """Import the class of an architecture; ``name`` is one of `ARCHITECTURES`, as the parameters have checked."""
    module, class_name = classes()[name].split(":")
    found: type[Architecture] = getattr(import_module(module), class_name)
    return found
