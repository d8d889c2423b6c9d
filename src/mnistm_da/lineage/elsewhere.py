"""Runs whose versions are saved apart from the catalog's, so that none of them can become the newest there.

The folder lies beside the leases of runs and is named like the one of its process: what a killed process leaves of it
is seen by `kedro prune` alone.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

import click
from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol
from kedro.io.core import generate_timestamp
from kedro.pipeline import Pipeline
from upath import UPath

from mnistm_da import kedro_private
from mnistm_da.storage import files
from mnistm_da.storage.errors import StoreError

from . import leases

_folder: ContextVar[UPath | None] = ContextVar("_folder", default=None)


@contextmanager
def saved_elsewhere(root: UPath) -> Iterator[UPath]:
    """Let runs within find and save versions in a new folder only; it is deleted at the end.

    Args:
        root: of the data.

    Raises:
        click.UsageError: the folder cannot be made; names it.
    """
    lease = leases.mine(generate_timestamp())
    path = leases.write(root, lease)
    folder = root / leases.FOLDER / f"{lease.version}.{lease.process}"
    if files.is_local(folder):  # a store has no folders to make
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise click.UsageError(f"could not make the folder {folder}: {error.strerror}. Nothing was run") from error
    token = _folder.set(folder)
    try:
        yield folder
    finally:
        _folder.reset(token)
        for one in filter(None, (folder, path)):
            with suppress(OSError, StoreError):  # `kedro prune` takes away what could not be deleted
                files.delete(one)


class SaveElsewhere:
    """Hook: moves the versioned datasets of a run within `saved_elsewhere`."""

    @hook_impl(tryfirst=True)  # before any hook looks at what there is
    def before_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """Move them."""
        move(pipeline.datasets(), catalog)


def move(names: Iterable[str], catalog: CatalogProtocol) -> None:
    """Move datasets of a catalog into the folder of `saved_elsewhere`; outside of it nothing is moved."""
    folder = _folder.get()
    for name in names if folder else ():
        dataset: Any = catalog.get(name)
        for one in (dataset, *getattr(dataset, "_datasets", {}).values()):
            if kedro_private.version_of(one) and folder:
                kedro_private.move(one, _apart(kedro_private.place(one), folder))


def is_active() -> bool:
    """Whether this is within `saved_elsewhere`: saves of now will be deleted."""
    return _folder.get() is not None


def bring(name: str, version: str, catalog: CatalogProtocol) -> None:
    """Copy a version into the folder of `saved_elsewhere`, for runs there to read.

    Args:
        name: of the dataset.
        version: which there is.
        catalog: with the dataset in its own place.
    """
    folder, own = _folder.get(), kedro_private.place(catalog.get(name))
    if folder:
        files.copy(own / version, _apart(own, folder) / version)


def keep(names: Iterable[str], catalog: CatalogProtocol) -> None:
    """Copy the versions of these datasets that were saved elsewhere to the catalog, in their order.

    Args:
        names: of datasets, each after those it was made from.
        catalog: with the datasets in their own places.
    """
    folder = _folder.get()
    for name in names if folder else ():
        own = kedro_private.place(catalog.get(name))
        for version in files.children(_apart(own, folder)) if folder else ():
            files.move(version, own / version.name)


def _apart(path: UPath, folder: UPath) -> UPath:
    """Give the place of a dataset in the folder: the same as below the root of the data, if it lies there."""
    root = folder.parents[1]
    return folder.joinpath(*path.relative_to(root).parts if path.is_relative_to(root) else ("outside", *path.parts[1:]))
