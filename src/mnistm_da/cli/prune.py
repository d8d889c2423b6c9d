"""`kedro prune`: old versions deleted."""

from contextlib import ExitStack

import click
from kedro.framework.project import pipelines

from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.lineage import versions

from .common import ENV, mib, open_catalog


@click.command()
@click.option("--keep", type=click.IntRange(min=1), required=True, help="Versions of every dataset that stay.")
@click.option("--dry-run", is_flag=True, help="Only show what would go.")
@ENV
def prune(keep: int, dry_run: bool, env: str | None) -> None:
    """Delete old versions, but none that a kept one was made from, and what killed processes left."""
    with open_catalog(env) as catalog:
        made = sorted(set().union(*(pipeline.all_outputs() for pipeline in pipelines.values())))
        trained = [name for name in ALGORITHMS if versions.versions(catalog.get(f"{name}.model"))]
        with ExitStack() as stack:  # what was exported or predicted lies under the name of its model
            catalogs = [stack.enter_context(open_catalog(env, {"model": name})) for name in trained]
            old = versions.superseded(made, keep, [catalog, *catalogs])
        doomed = {folder: f"{name}@{version}" for name, version, folder in old}
        doomed |= {path: f"what a stopped process left: {path}" for path in versions.abandoned(made, catalog)}
    size = mib(versions.freed(doomed))
    for path, called in doomed.items():
        click.echo(f"{'would delete' if dry_run else 'deleting'} {called}")
        if not dry_run:
            versions.delete(path)
    click.echo(f"{len(old)} versions and {len(doomed) - len(old)} leftovers, {size}")
