"""A user's pictures are surveyed once in a session: the datasets of its catalog share what they found."""

from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol

from mnistm_da.datasets.picture_folders import PictureDomain, Surveys

TYPE = f"{PictureDomain.__module__}.{PictureDomain.__qualname__}"


class ShareSurveys:
    """Give every `PictureDomain` of a catalog the same `Surveys`; without it, each makes a survey by itself."""

    @hook_impl
    def after_catalog_created(self, catalog: CatalogProtocol, conf_catalog: dict[str, Any]) -> None:
        """Share them, with those of a pattern with ``{part}`` for both parts of a target."""
        surveys = Surveys()
        for pattern, config in conf_catalog.items():
            if isinstance(config, dict) and config.get("type") == TYPE:
                for name in dict.fromkeys(pattern.replace("{part}", part) for part in ("images", "labels")):
                    dataset: Any = catalog.get(name)
                    dataset.share(surveys)
