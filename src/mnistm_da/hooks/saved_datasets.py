"""Entries of the catalog that look at others are given the catalog."""

from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol

from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.datasets.saved import SavedDatasets
from mnistm_da.datasets.workplace import WorkplaceDataset

TYPE, WORKPLACE = (f"{kind.__module__}.{kind.__qualname__}" for kind in (SavedDatasets, WorkplaceDataset))


class BindSavedDatasets:
    """Let every `SavedDatasets` find the entries it names. Workers of a parallel run get it with the catalog.

    A `WorkplaceDataset` is given the catalog, and what it was made from.
    """

    def __init__(self) -> None:
        self._context: KedroContext | None = None

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Remember the context: its catalog is created next."""
        self._context = context

    @hook_impl
    def after_catalog_created(self, catalog: CatalogProtocol, conf_catalog: dict[str, Any]) -> None:
        """Bind them, those of a pattern with ``{algorithm}`` for every algorithm."""
        for pattern, config in conf_catalog.items():
            kind = config.get("type") if isinstance(config, dict) else None
            if kind == TYPE:
                for name in dict.fromkeys(pattern.replace("{algorithm}", algorithm) for algorithm in ALGORITHMS):
                    dataset: Any = catalog.get(name)
                    dataset.bind(catalog)
            elif kind == WORKPLACE:
                workplace: Any = catalog.get(pattern)
                workplace.bind(catalog, self._context)
