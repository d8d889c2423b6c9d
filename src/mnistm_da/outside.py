"""The project's commands, typed in a folder that is not in a project: there Kedro knows none of them."""

from pathlib import Path
from typing import Any

import click
from kedro.framework.cli.hooks import cli_hook_impl

COMMANDS = frozenset({"run", "status", "lineage", "reproduce", "prune"})


class TellOutside:
    """Say that there is no project here, where Kedro would say that there is no such command."""

    @cli_hook_impl(tryfirst=True)  # before kedro-telemetry's
    def before_command_run(self, project_metadata: Any, command_args: list[str]) -> None:
        """End the command, if it is one of a project and there is none."""
        if project_metadata is None and command_args and command_args[0] in COMMANDS:
            click.echo(
                f"Error: '{Path.cwd()}' is not in a Kedro project, which `kedro {command_args[0]}` needs: change to "
                "the project's folder first.",
                err=True,
            )
            raise SystemExit(2)


tell_outside = TellOutside()
