"""How the files in `conf/` are read: places may be written as people write them, in folders of any name."""

import glob
import os
import re
from contextlib import suppress
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

import click
from fsspec.implementations.local import LocalFileSystem
from fsspec.utils import get_protocol
from kedro.config import MissingConfigException
from omegaconf import OmegaConf

from mnistm_da.kedro_private import ConfigLoader
from mnistm_da.project_paths import without_scheme
from mnistm_da.registry import ALGORITHMS, DIGIT_SETS
from mnistm_da.sources import JOIN, places, titles
from mnistm_da.storage.errors import check_protocol

ROOT = "data_root"
"""The key of `globals.yml` that names the place of all artifacts, and of its entry in `credentials.yml`."""

PLACES = (ROOT, "raw_root", "pictures")
"""The keys of `globals.yml` that name a folder."""

DOMAIN = re.compile("<(source|target)>")
"""In a place: the name of that domain, so that every pair has its own folder."""


def digit_set(key: str, name: str | None) -> str:
    """Give what the registry says of a set of digits: ``${digit_set:KEY,NAME}``; of an unknown one, its name.

    Of several sets, ``mnist+usps``, the texts follow each other; a text that two of them share is there once.
    """
    said = [str(getattr(DIGIT_SETS.get(one.strip()), key, one)) for one in str(name).split(JOIN)]
    return (f" {JOIN} " if key == "title" else " ").join(dict.fromkeys(said))


def folder_name(path: str | None, default: str) -> str:
    """Give the last part of a path, as a title: ``${folder_name:PATH,DEFAULT}``; of several paths, of each."""
    if not (text := str(path or "").strip()):
        return default
    return f" {JOIN} ".join(titles(places(text))) or default


def variable(name: str, default: str) -> str:
    """Give an environment variable in the configuration, ``${variable:NAME,default}``; an empty one counts as unset."""
    return os.environ.get(name, "").strip() or default


def on_disk(place: str, otherwise: str) -> str:
    """Give a place if it is on a disk of this machine, for what cannot be elsewhere: ``${on_disk:PLACE,FOLDER}``."""
    return place if get_protocol(place) == "file" else otherwise


def place(key: str, text: str) -> str:
    """Read a place as a shell does: ``~``, ``$HOME`` and ``file://`` are no names of folders.

    Args:
        key: of `globals.yml`, for the message.
        text: a folder; other places, such as ``s3://bucket/runs``, stay as they are.

    Raises:
        click.UsageError: there is no text, or it begins with the home folder of a user that there is not.
        StoreError: nothing can be saved there.
    """
    found = os.path.expanduser(os.path.expandvars(without_scheme(text)))  # noqa: PTH111 - a Path would make "s3://" one slash
    if not found.strip():
        raise click.UsageError(f"'{key}' in globals.yml is empty: name a folder.")
    if "{" in found or "}" in found:
        raise click.UsageError(f"'{key}' in globals.yml is '{text}', but Kedro reads {{ and }} as a pattern's own.")
    if found.startswith("~"):
        raise click.UsageError(f"'{key}' in globals.yml is '{text}', whose first part is no user of this machine.")
    if key == ROOT:
        check_protocol(key, found)
    return found


def _parameter(parameters: dict[str, Any], name: str, default: Any = None) -> Any:
    found: Any = parameters
    for key in name.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return default if found is None else found


ARGUMENTS: dict[str, Any] = {
    "base_env": "base",
    "default_run_env": "local",
    "custom_resolvers": {
        "variable": variable,
        "on_disk": on_disk,
        "digit_set": digit_set,
        "folder_name": folder_name,
    },
    # One parameter of a section that an environment, conf/local or --params names leaves its siblings as they are.
    "merge_strategy": {"parameters": "soft"},
}
"""What `Configuration` is made with, in a run and wherever else the configuration is read."""


class Configuration(ConfigLoader):
    """Kedro's own loader, but for places in `globals.yml` and for projects in a folder such as ``work[1]``.

    Credentials of `conf/local` hold in every environment, since no other one is kept to oneself. Whatever lies below
    `data_root` is opened with those of that name.

    Files of one kind are read once: Kedro and the checks of a run ask for the parameters again and again.
    """

    def __init__(self, *args: Any, **more: Any) -> None:
        self._read: dict[str, dict[str, Any]] = {}
        super().__init__(*args, **more)

    def __getitem__(self, key: str) -> dict[str, Any]:
        """Give the content of the files of one kind, such as ``catalog``, for the caller to change as it likes."""
        if key not in self._read:
            self._read[key] = self._read_files(key)
        return deepcopy(self._read[key])

    def __setitem__(self, key: str, value: Any) -> None:
        self._read.pop(key, None)
        super().__setitem__(key, value)

    def _read_files(self, key: str) -> dict[str, Any]:
        """Read the files of one kind; in ``globals``, see `place`.

        A catalog may say ``${parameter:NAME}`` or ``${parameter:NAME,default}``, so that a parameter that it depends on
        has one home, the files of parameters.
        """
        if key == "catalog":
            parameters = self["parameters"]
            OmegaConf.register_new_resolver("parameter", partial(_parameter, parameters), replace=True)
        if key == "credentials":
            return self._credentials()
        found: dict[str, Any] = super().__getitem__(key)
        if key == "catalog":
            return self._with_credentials(found)
        if key == "parameters":
            return {name: {} for name in ALGORITHMS} | found  # of one that the files do not name: its defaults
        if key != "globals":
            return found
        return found | {name: place(name, self._of_pair(str(found[name] or ""))) for name in PLACES if name in found}

    def _of_pair(self, text: str) -> str:
        """Put the names of the domains into a place that says ``<source>`` or ``<target>``."""
        if not DOMAIN.search(text):
            return text
        parameters = self["parameters"]
        return DOMAIN.sub(lambda found: re.sub(r"[^\w.+-]", "_", str(parameters.get(found[1]))), text)

    def _credentials(self) -> dict[str, Any]:
        """Read those of the environment, and beneath them those of `conf/local`."""
        found: dict[str, Any] = {}
        run_env = self.env
        try:
            # Not by another loader, whose ``globals`` would take the place of this one's in every file read later.
            for env in dict.fromkeys((self.default_run_env, run_env or self.default_run_env)):
                self.env = env
                with suppress(MissingConfigException):
                    found |= super().__getitem__("credentials")
        finally:
            self.env = run_env
        return found

    def _with_credentials(self, catalog: dict[str, Any]) -> dict[str, Any]:
        """Let entries of the catalog that lie below an address as `data_root` be opened with its credentials."""
        at = {name: _place_of(entry) for name, entry in catalog.items()}
        if not any(get_protocol(text) != "file" for text in at.values()) or ROOT not in self["credentials"]:
            return catalog
        root = f"{self['globals'][ROOT].rstrip('/')}/"
        inside = [name for name, text in at.items() if text.startswith(root)]
        return catalog | {name: {"credentials": ROOT} | catalog[name] for name in inside}

    @staticmethod
    def files(conf_source: str) -> LocalFileSystem | None:
        return _FilesBelow(Path(conf_source)) if glob.has_magic(str(conf_source)) else None


def _place_of(entry: Any) -> str:
    return str(entry.get("filepath") or entry.get("path") or "") if isinstance(entry, dict) else ""


class _FilesBelow(LocalFileSystem):
    """Files on this machine, searched below a folder with ``[``, ``*`` or ``?`` in its name, which is no pattern."""

    cachable = False

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder.as_posix()

    def glob(self, path: str, **_: Any) -> list[str]:
        pattern = glob.escape(self.folder) + path.removeprefix(self.folder)
        return glob.glob(pattern, recursive=True)  # noqa: PTH207 - "**" finds files here, in Path.glob only folders
