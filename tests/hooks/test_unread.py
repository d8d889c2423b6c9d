"""Parameters of data, photos or pictures, where something reads them: they are not refused."""

import click
import pytest
from kedro.io import DataCatalog, MemoryDataset

from mnistm_da.datasets.raw.no_photos import NoPhotos
from mnistm_da.hooks.unread import check_photos

PREDICTS = {"user_pictures", "params:predict", "params:pictures"}


def catalog(crop="digit"):
    return DataCatalog({"raw_photos": NoPhotos(), "params:predict": MemoryDataset({"crop": crop})})


def test_how_pictures_are_cropped_is_for_models_of_pictures():
    check_photos(["pictures"], PREDICTS, catalog(crop="own"))
    check_photos(["pictures"], PREDICTS | {"raw_source", "params:pictures"}, catalog())  # which trains on them, too
    with pytest.raises(click.UsageError, match=r"predict\.crop=digit"):
        check_photos(["pictures"], PREDICTS, catalog())


@pytest.mark.parametrize("used", ["raw_proxy_photos", "proxy_photos"])
def test_the_stroke_is_laid_over_the_photos_of_a_proxy_whatever_the_target_is(used):
    check_photos(["synthesis"], {"params:synthesis", used}, catalog())
    with pytest.raises(click.UsageError, match="'synthesis' changes nothing"):
        check_photos(["synthesis"], {"params:synthesis"}, catalog())
