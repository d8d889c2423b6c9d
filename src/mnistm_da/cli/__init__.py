"""The project's own commands beside Kedro's, one a file: status, lineage, reproduce, prune, and a wider `kedro run`."""

import click
from kedro.framework.cli.utils import CONTEXT_SETTINGS

from mnistm_da.hooks.project import PACKAGE

from .lineage import lineage
from .prune import prune
from .reproduce import reproduce
from .run import run
from .status import status_command


@click.group(context_settings=CONTEXT_SETTINGS, name=PACKAGE)
def cli() -> None:
    """Commands of mnistm-da."""


for command in (status_command, run, lineage, reproduce, prune):
    cli.add_command(command)
