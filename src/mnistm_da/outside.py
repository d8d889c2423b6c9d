"""What Kedro loads of this project first: for commands typed outside of it, and for Ctrl-C while all is imported."""

import sys
from pathlib import Path
from types import TracebackType
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


def _stopped(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Show what ends the process: of Ctrl-C, no place in what was being imported."""
    if issubclass(kind, KeyboardInterrupt):
        print("stopped", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _stopped
tell_outside = TellOutside()
