"""Facts about this project, for the hooks that would work in any project."""

from typing import Any

from upath import UPath

from mnistm_da.kedro_private import place
from mnistm_da.parameters import OF_CLIENT

PACKAGE = "mnistm_da"
UNTRACED = frozenset({"params:resume", *(f"params:{name}" for name in OF_CLIENT)})
"""Parameters that do not change the outputs of a node."""


def facts(parameters: dict[str, Any]) -> dict[str, Any]:
    """Note on which device a node computed; of a processor, with how many threads and which vector instructions.

    The precision that ``training.precision=auto`` stands for is in the model's description.
    """
    if "device" not in parameters:
        return {}
    from mnistm_da.adaptation.optimization import device

    return device.facts(device.resolve_device(parameters["device"]))


def data_root(catalog: Any) -> UPath:
    """Give the folder of all layers, as the catalog resolves it."""
    return place(catalog.get("source")).parents[1]
