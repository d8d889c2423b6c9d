"""Facts about this project, for the hooks that would work in any project."""

from typing import Any

from upath import UPath

from mnistm_da.cores import threads
from mnistm_da.kedro_private import place

PACKAGE = "mnistm_da"
UNTRACED = frozenset({"params:resume", "params:launcher"})
"""Parameters that do not change what is made."""


def facts(parameters: dict[str, Any]) -> dict[str, Any]:
    """Note on which device a node computed; of a processor, with how many threads and which vector instructions.

    The precision that ``training.precision=auto`` stands for is in the model's description.
    """
    if "device" not in parameters:
        return {}
    import torch

    from mnistm_da.adaptation.optimization.device import describe, resolve_device

    device = resolve_device(parameters["device"])
    found: dict[str, Any] = {"device": describe(device)}
    if device.type == "cpu":
        found |= {"threads": threads(), "vector instructions": torch.backends.cpu.get_cpu_capability()}
    return found


def data_root(catalog: Any) -> UPath:
    """Give the folder of all layers, as the catalog resolves it."""
    return place(catalog.get("source")).parents[1]
