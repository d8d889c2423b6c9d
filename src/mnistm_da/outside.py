"""The first module of this project that Kedro loads: messages for missing commands, and for Ctrl-C during imports."""

import sys
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn

import click
from kedro.framework.cli.hooks import cli_hook_impl

from mnistm_da.extras import install

PACKAGE = "mnistm_da"
COMMANDS = frozenset({"run", "status", "lineage", "reproduce", "prune"})


class TellOutside:
    """Say that there is no project or no kedro-viz, where Kedro would say that there is no such command."""

    @cli_hook_impl(tryfirst=True)  # before kedro-telemetry's
    def before_command_run(self, project_metadata: Any, command_args: list[str]) -> None:
        """End the command, if it is one of a project and there is none, or one of kedro-viz, which is not installed."""
        command = command_args[0] if command_args else ""
        if project_metadata is None and command in COMMANDS:
            _end(
                f"'{Path.cwd()}' is not in a Kedro project, which `kedro {command}` needs: change to the project's "
                "folder first."
            )
        is_ours = project_metadata is not None and project_metadata.package_name == PACKAGE
        if is_ours and command == "viz" and find_spec("kedro_viz") is None:
            _end(f"`kedro viz` needs kedro_viz: {install('viz')}")


def _end(message: str) -> NoReturn:
    click.echo(f"Error: {message}", err=True)
    raise SystemExit(2)


def _stopped(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Show the error that ends the process; Ctrl-C shows no traceback of an unfinished import."""
    if issubclass(kind, KeyboardInterrupt):
        print("stopped", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _stopped
tell_outside = TellOutside()
