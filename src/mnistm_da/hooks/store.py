"""An object store that cannot be used is told before anything else is done with the catalog."""

from collections.abc import Callable
from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol
from upath import UPath

from mnistm_da.lineage import leases
from mnistm_da.storage import files


class CheckStore:
    """Ask the store for one listing: later, a wrong answer could be taken for artifacts that are missing.

    Args:
        root: gives the folder of all layers of a catalog.
    """

    def __init__(self, root: Callable[[Any], UPath]) -> None:
        self.root = root

    @hook_impl
    def after_catalog_created(self, catalog: CatalogProtocol) -> None:
        """Look whether a store is there and lets us in.

        Raises:
            StoreError: names the store, the cause and the cure.
        """
        root = self.root(catalog)
        if not files.is_local(root):
            files.below(root / leases.FOLDER)
