"""The one place that uses names of kedro-viz that are no interface of it, for which the supported versions are pinned.

`tests/test_private_names.py` says which of them a new version has moved. kedro-viz takes seconds to import: each
function imports what it needs.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mnistm_da.errors import UserError
from mnistm_da.extras import check_extra

if TYPE_CHECKING:
    from fastapi import FastAPI


def check_installed() -> None:
    """Refuse a command that needs kedro-viz where it is not installed.

    Raises:
        click.ClickException: names what is missing, and the command that installs it.
    """
    try:
        check_extra("viz", "the graph")
    except UserError as error:
        raise click.ClickException(str(error)) from error


def server(project: Path, env: str | None, package: str) -> "FastAPI":
    """Read a project and make kedro-viz's own server of it."""
    from kedro_viz.api.apps import create_api_app_from_project
    from kedro_viz.server import load_and_populate_data

    load_and_populate_data(project, env=env, package_name=package)
    app: FastAPI = create_api_app_from_project(project)
    return app


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
