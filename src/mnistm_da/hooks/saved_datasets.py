"""Entries of the catalog that look at others are given the catalog."""

from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol

from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.datasets.saved import SavedDatasets

TYPE = f"{SavedDatasets.__module__}.{SavedDatasets.__qualname__}"


class BindSavedDatasets:
    """Let every `SavedDatasets` find the entries it names. Workers of a parallel run get it with the catalog."""

    @hook_impl
    def after_catalog_created(self, catalog: CatalogProtocol, conf_catalog: dict[str, Any]) -> None:
        """Bind them, those of a pattern with ``{algorithm}`` for every algorithm."""
        for pattern, config in conf_catalog.items():
            if isinstance(config, dict) and config.get("type") == TYPE:
                for name in dict.fromkeys(pattern.replace("{algorithm}", algorithm) for algorithm in ALGORITHMS):
                    dataset: Any = catalog.get(name)
                    dataset.bind(catalog)
