"""The one place that uses private names of Kedro and kedro-datasets, for which the supported versions are pinned.

`tests/test_private_names.py` says which of them a new version has moved. The names that a dataset's own class overrides
or reads of itself are in `datasets/crash_safe.py` and `datasets/tensors.py`, and in that test too.
"""

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

from kedro.config import OmegaConfigLoader
from kedro.framework.cli.utils import _config_file_callback as config_file_callback
from kedro.framework.cli.utils import _split_load_versions as split_load_versions
from kedro.framework.cli.utils import _split_params as split_params
from kedro.io.core import AbstractVersionedDataset, Version
from kedro.pipeline.node import Node
from kedro_datasets._typing import HTMLPreview, ImagePreview, JSONPreview
from upath import UPath

__all__ = [
    "ConfigLoader",
    "HTMLPreview",
    "ImagePreview",
    "JSONPreview",
    "catalog_with_versions",
    "config_file_callback",
    "load_path",
    "move",
    "on_its_files",
    "place",
    "saved",
    "split_load_versions",
    "split_params",
    "unwrapped",
    "version_of",
    "versioned_path",
    "with_preview",
]


def catalog_with_versions(context: Any, versions: dict[str, str]) -> Any:
    """Give the catalog of a session's context, with the versions that some of its datasets load."""
    return context._get_catalog(load_versions=versions)


def version_of(dataset: Any) -> Version | None:
    """Give the versions that a dataset loads and saves; nothing if it has none."""
    return dataset._version if isinstance(dataset, AbstractVersionedDataset) else None


def on_its_files(dataset: Any, path: Any) -> UPath:
    """Give a path of a dataset on the file system that the dataset uses, with its credentials."""
    protocol = getattr(dataset, "_protocol", "file")
    return UPath(path) if protocol == "file" else UPath(f"{protocol}://{path}", **dataset._fs.storage_options)


def versioned_path(dataset: Any, version: str) -> UPath:
    """Give the path of a version."""
    return on_its_files(dataset, dataset._get_versioned_path(version))


def saved(dataset: Any) -> list[UPath]:
    """Give the paths of all saved versions."""
    pattern = str(dataset._get_versioned_path("*"))
    return [on_its_files(dataset, path) for path in dataset._glob_function(pattern)]


def load_path(dataset: Any) -> UPath:
    """Give the path of what would be loaded now.

    Raises:
        VersionNotFoundError: there is no version.
    """
    return on_its_files(dataset, dataset._get_load_path())


def place(dataset: Any) -> UPath:
    """Give the folder of all versions."""
    return on_its_files(dataset, dataset._filepath)


def move(dataset: Any, folder: UPath) -> None:
    """Let a dataset load and save its versions in another folder."""
    dataset._filepath = PurePosixPath(UPath(folder).path)
    dataset.release()


def unwrapped(method: Callable[..., Any]) -> Callable[..., Any]:
    """Give a dataset's own ``load`` or ``save`` without Kedro's wrapper, as a function of the dataset.

    The wrapper writes a line in the log, and looks for the version that was saved.
    """
    own: Callable[..., Any] = method.__wrapped__  # type: ignore[attr-defined]
    return own


def with_preview(node: Node, preview: Callable[[], Any]) -> Node:
    """Give the node with a preview."""
    return node._copy(preview_fn=preview)


class ConfigLoader(OmegaConfigLoader):
    """Kedro's loader, whose files a subclass can search in another way."""

    @staticmethod
    def files(conf_source: str) -> Any | None:
        """Give the file system to search on this machine; nothing for Kedro's own."""
        return None

    @classmethod
    def _initialise_filesystem_and_protocol(cls, conf_source: str) -> tuple[Any, str]:
        files, protocol = OmegaConfigLoader._initialise_filesystem_and_protocol(conf_source)
        return (protocol == "file" and cls.files(conf_source)) or files, protocol
