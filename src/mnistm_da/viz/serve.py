"""`python -m mnistm_da.viz.serve`, which is `make viz`: kedro-viz on this machine alone.

`kedro viz run` shows the same, but asks a package index for a newer kedro-viz and shows the answer as a banner. Its
page also downloads a font.
"""

import os
import socket
import threading
import webbrowser
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from kedro.framework.startup import bootstrap_project

from mnistm_da.environments import check_environment
from mnistm_da.mistakes import one_message
from mnistm_da.project_paths import the_project

from . import kedro_viz_private
from .page import in_env, local

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

HOST = "127.0.0.1"


def make_app(project: Path, env: str | None) -> "FastAPI":
    """Make kedro-viz's own server of a project, with no cause to ask another host."""
    from fastapi import Response

    app = kedro_viz_private.server(project, env, bootstrap_project(project).package_name)
    page, version = local(kedro_viz_private.page()), kedro_viz_private.version()

    @app.middleware("http")
    async def stay_here(request: "Request", answer: "Callable[[Request], Awaitable[Any]]") -> Response:
        path = request.url.path
        if path in ("/", "/workflow"):
            return Response(page, media_type="text/html")
        if path == "/api/version":
            return Response(version, media_type="application/json")
        response = await answer(request)
        if path.startswith("/api/nodes/") and response.status_code == 200:
            text = b"".join([part async for part in response.body_iterator]).decode()
            return Response(in_env(text, env), media_type="application/json")
        return response

    return app


@click.command()
@click.option("--env", "-e", envvar="KEDRO_ENV", help="Kedro environment, such as sample.")
@click.option("--port", type=click.IntRange(1, 65535), default=4141, show_default=True)
@click.option("--browser/--no-browser", default=True, help="Whether to open a browser.")
@one_message()
def main(env: str | None, port: int, browser: bool) -> None:
    """Show the pipelines and their newest artifacts."""
    kedro_viz_private.check_installed()
    import uvicorn

    project = the_project()
    check_environment(project / "conf", env)
    _check_port(port)
    os.chdir(project)  # kedro-viz reads the working directory in several places
    app = make_app(project, env)
    address = f"http://{HOST}:{port}/"
    click.echo(f"kedro-viz: {address}  (Ctrl-C ends it)")
    if browser:
        threading.Timer(1, webbrowser.open, [address]).start()
    # So that the first click on a training need not wait for torch.
    threading.Thread(target=import_module, args=["mnistm_da.adaptation.figures.diagram"], daemon=True).start()
    uvicorn.run(app, host=HOST, port=port, log_level="warning")


def _check_port(port: int) -> None:
    """Refuse a port that cannot be had, before the project is read and its address is printed."""
    with socket.socket() as probe:
        if os.name == "posix":  # as the server: what an earlier one has just given back can be had
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise click.UsageError(
                f"port {port} cannot be used ({error.strerror or error}): end what uses it, or name another one: "
                f"make viz VIZ_PORT={port % 65535 + 1}, or --port={port % 65535 + 1}"
            ) from error


if __name__ == "__main__":
    main()
