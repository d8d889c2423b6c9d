"""The one place that uses private names of Kedro and kedro-datasets, for which the supported versions are pinned.

`tests/test_private_names.py` says which of them a new version has moved. The names that a dataset's own class overrides
or reads of itself are in `datasets/crash_safe.py` and `datasets/tensors.py`, and in that test too.
"""

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from kedro.config import OmegaConfigLoader
from kedro.framework.cli.utils import _config_file_callback as config_file_callback
from kedro.framework.cli.utils import _split_load_versions as split_load_versions
from kedro.framework.cli.utils import _split_params as split_params
from kedro.io.core import AbstractVersionedDataset, Version
from kedro.pipeline.node import Node
from kedro_datasets._typing import HTMLPreview, ImagePreview, JSONPreview

__all__ = [
    "ConfigLoader",
    "HTMLPreview",
    "ImagePreview",
    "JSONPreview",
    "config_file_callback",
    "is_local",
    "load_path",
    "move",
    "place",
    "saved",
    "split_load_versions",
    "split_params",
    "unwrapped",
    "version_of",
    "versioned_path",
    "with_preview",
]


def version_of(dataset: Any) -> Version | None:
    """Give the versions that a dataset loads and saves; nothing if it has none."""
    return dataset._version if isinstance(dataset, AbstractVersionedDataset) else None


def versioned_path(dataset: Any, version: str) -> Path:
    """Give the path of a version."""
    return Path(dataset._get_versioned_path(version))


def saved(dataset: Any) -> list[Path]:
    """Give the paths of all saved versions."""
    return [Path(path) for path in dataset._glob_function(str(dataset._get_versioned_path("*")))]


def load_path(dataset: Any) -> Path:
    """Give the path of what would be loaded now.

    Raises:
        VersionNotFoundError: there is no version.
    """
    return Path(dataset._get_load_path())


def place(dataset: Any) -> Path:
    """Give the folder of all versions."""
    return Path(dataset._filepath)


def is_local(dataset: Any) -> bool:
    """Whether a dataset is a file on this machine."""
    return getattr(dataset, "_protocol", None) == "file"


def move(dataset: Any, folder: Path) -> None:
    """Let a dataset load and save its versions in another folder."""
    dataset._filepath = PurePosixPath(folder.as_posix())
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
