"""The one place that uses names of kedro-viz that are no interface of it, for which the supported versions are pinned.

`tests/test_private_names.py` says which of them a new version has moved. kedro-viz takes seconds to import: each
function imports what it needs.
"""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mnistm_da.errors import UserError
from mnistm_da.extras import check_extra

from .shown import shown
from .statistics import statistics

if TYPE_CHECKING:
    from fastapi import FastAPI


def check_installed() -> None:
    """Refuse a command that needs kedro-viz where it is not installed.

    Raises:
        click.ClickException: names the missing libraries, and the command that installs them.
    """
    try:
        check_extra("viz", "the graph")
    except UserError as error:
        raise click.ClickException(str(error)) from error


def populate(project: Path, env: str | None, package: str) -> None:
    """Let kedro-viz read a project: the pipelines that are `shown`, and the statistics of all that is saved."""
    warnings.filterwarnings("ignore", message="ORJSONResponse is deprecated")  # kedro-viz's use of FastAPI
    from kedro_viz.data_access import data_access_manager
    from kedro_viz.integrations.kedro.data_loader import load_data
    from kedro_viz.models.metadata import NodeExtras
    from kedro_viz.server import populate_data

    catalog, registered, extras = load_data(project, env=env, package_name=package)
    pipelines = shown(registered)
    datasets = {name for pipeline in pipelines.values() for name in pipeline.datasets()}
    counted = statistics(catalog, sorted(name for name in datasets if not name.startswith("params:")))
    for name in extras.keys() | counted.keys():
        styles = extras[name].styles if name in extras else None
        extras[name] = NodeExtras(stats=counted.get(name), styles=styles)
    populate_data(data_access_manager, catalog, pipelines, extras)


def server(project: Path, env: str | None, package: str) -> "FastAPI":
    """Read a project and make kedro-viz's own server of it."""
    populate(project, env, package)
    from kedro_viz.api.apps import (
        create_api_app_from_project,
    )  # it warns when it is imported, unless populate was first

    app: FastAPI = create_api_app_from_project(project)
    return app


def write_files() -> None:
    """Write what `populate` read as a static site, with all previews, in the folder build of the working directory."""
    from kedro_viz.integrations.deployment.local_deployer import LocalDeployer

    LocalDeployer().deploy(is_all_previews_enabled=True)


def page() -> str:
    """Give kedro-viz's page, as HTML."""
    import kedro_viz

    return (Path(kedro_viz.__file__).parent / "html/index.html").read_text(encoding="utf-8")


def version() -> str:
    """Give the answer to the page's question for its version, without asking a package index; JSON."""
    from kedro_viz.api.rest.responses.version import get_static_version_response

    return str(get_static_version_response().model_dump_json())


def metadata() -> str:
    """Give the answer to the page's question for the project's packages; JSON."""
    from kedro_viz.api.rest.responses.metadata import MetadataAPIResponse, get_metadata_response

    found = MetadataAPIResponse.model_validate(get_metadata_response(), from_attributes=True)
    return str(found.model_dump_json())


def shown_catalog() -> Any:
    """Give the catalog that kedro-viz shows; nothing outside of kedro-viz."""
    from kedro_viz.data_access import data_access_manager

    return data_access_manager.catalog.get_catalog()


def events_file() -> str:
    """Give the place, in the project, where kedro-viz writes down what a run did."""
    from kedro_viz.constants import PIPELINE_EVENT_FULL_PATH

    return str(PIPELINE_EVENT_FULL_PATH)
