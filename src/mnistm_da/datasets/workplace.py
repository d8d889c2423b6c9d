"""Where a run reads and saves, by names: another process that has the project can open the same catalog."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from kedro.io import AbstractDataset, CatalogProtocol, DatasetError

from mnistm_da.kedro_private import catalog_with_versions
from mnistm_da.lineage.trace import newest
from mnistm_da.parameters import OF_CLIENT
from mnistm_da.project_paths import the_project


@dataclass(frozen=True)
class Workplace:
    """Environment, parameters and versions, without a path of this machine and without credentials.

    Attributes:
        env: the Kedro environment; None: the default one.
        conf_source: the folder of the configuration; relative to the project, if it is in it.
        said: what ``--params`` says, as JSON, without `OF_CLIENT`.
        data: names of the datasets that are to be read.
        versions: of those that have any, by name.
    """

    env: str | None
    conf_source: str
    said: str
    data: tuple[str, ...]
    versions: tuple[tuple[str, str], ...]

    def catalog(self) -> CatalogProtocol:
        """Open the catalog of the project that this process works in.

        Raises:
            click.UsageError: the working directory is in no project.
        """
        from kedro.framework.session import KedroSession
        from kedro.framework.startup import bootstrap_project

        root = the_project()
        bootstrap_project(root)
        conf, said = str(root / self.conf_source), json.loads(self.said)
        session: Any = KedroSession.create(root, env=self.env, runtime_params=said, conf_source=conf)
        with session:
            return catalog_with_versions(session.load_context(), dict(self.versions))


def _is_of_client(name: str) -> bool:
    return name.partition(".")[0] in OF_CLIENT


class WorkplaceDataset(AbstractDataset):
    """Loads as the `Workplace` of the run; a hook binds it to the catalog after that is created.

    Attributes:
        reads: empty: where work is done changes no result.

    Args:
        data: names of the datasets that are read there, in the versions that they have when this one is loaded.
    """

    reads: tuple[str, ...] = ()

    def __init__(self, *, data: Iterable[str], metadata: dict[str, Any] | None = None) -> None:
        self._data = tuple(data)
        self._catalog: Any = None
        self._session: tuple[str | None, str, str] | None = None
        self.metadata = metadata

    def bind(self, catalog: CatalogProtocol, context: Any) -> None:
        """Say in which catalog the datasets are, and of which context; that itself could not be pickled."""
        root, loader = context.project_path, context.config_loader
        conf = Path(loader.conf_source)
        where = conf.relative_to(root).as_posix() if conf.is_relative_to(root) else str(conf)
        self._catalog = catalog
        said = {name: value for name, value in (loader.runtime_params or {}).items() if not _is_of_client(name)}
        self._session = context.env, where, json.dumps(said, sort_keys=True)

    def load(self) -> Workplace:
        if self._session is None:
            raise DatasetError("a workplace can be loaded only in a Kedro session")
        found = {name: newest(self._catalog.get(name)) for name in self._data}
        versions = tuple((name, here[0]) for name, here in found.items() if here)
        return Workplace(*self._session, self._data, versions)

    def save(self, data: Any) -> NoReturn:
        raise DatasetError("a workplace cannot be saved")

    def _exists(self) -> bool:
        return True

    def _describe(self) -> dict[str, Any]:
        return {"data": self._data}
