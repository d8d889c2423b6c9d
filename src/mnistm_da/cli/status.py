"""`kedro status`: which nodes are fresh, stale or missing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import click
from kedro.framework.cli.utils import split_string
from rich import get_console

from mnistm_da.hooks.project import PACKAGE, UNTRACED
from mnistm_da.lineage import versions
from mnistm_da.lineage.status import status
from mnistm_da.mistakes import one_message

from .common import ENV, PARAMS, Repeatable, mib, named_pipelines, open_catalog


@click.command(name="status")
@click.option(
    "--pipelines",
    "--pipeline",
    "names",
    cls=Repeatable,
    default="",
    callback=split_string,
    help="Names, with commas; if left out, what `kedro run` alone runs.",
)
@ENV
@PARAMS
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@one_message()
def status_command(names: list[str], env: str | None, params: dict[str, Any], as_json: bool) -> None:
    """Say of each node whether its newest outputs are fresh, stale or missing, and why."""
    with _log_to_stderr() if as_json else nullcontext(), open_catalog(env, params) as catalog:
        found = status(named_pipelines(names), catalog, PACKAGE, UNTRACED)
        everything = versions.used({name for node in found for name in node.outputs}, catalog)
    if as_json:
        click.echo(json.dumps([vars(node) for node in found], indent=1, ensure_ascii=False))
        return
    for node in found:
        click.secho(f"{node.state:8}", fg={"fresh": "green", "stale": "yellow", "missing": "red"}[node.state], nl=False)
        click.echo(f"{node.node}  {'; '.join(node.why)}".rstrip())
    counts = {state: sum(node.state == state for node in found) for state in ("fresh", "stale", "missing")}
    size = sum(node.bytes for node in found)
    sizes = f"newest versions: {mib(size)}, all versions: {mib(everything)}"
    click.echo(f"{', '.join(f'{n} {state}' for state, n in counts.items())}; {sizes}")


@contextmanager
def _log_to_stderr() -> Iterator[None]:
    """Leave the standard output to the answer: a warning would make it unreadable for a script."""
    console = get_console()
    before, console.stderr = console.stderr, True
    try:
        yield
    finally:
        console.stderr = before
