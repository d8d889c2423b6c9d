"""Every architecture by name, for ``network.architecture``. Adding one: a file beside this one, and a line here.

Classes are named, not imported, so that parameters are checked without importing torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .base import Architecture

ARCHITECTURES = {
    "ganin": "ganin:Ganin",
}
"""Name to ``module:Class`` inside this package."""


def architecture_class(name: str) -> type["Architecture"]:
    """Import the class of an architecture; ``name`` is one of `ARCHITECTURES`, as the parameters have checked."""
    module, class_name = ARCHITECTURES[name].split(":")
    found: type[Architecture] = getattr(import_module(f"{__package__}.{module}"), class_name)
    return found
