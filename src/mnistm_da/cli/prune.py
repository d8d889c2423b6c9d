"""`kedro prune`: old versions deleted."""

from contextlib import ExitStack
from typing import Any

import click
from kedro.framework.project import pipelines

from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.hooks.project import data_root
from mnistm_da.lineage import leases, versions
from mnistm_da.mistakes import one_message
from mnistm_da.storage import files

from .common import ENV, PARAMS, mib, open_catalog


@click.command()
@click.option("--keep", type=click.IntRange(min=1), required=True, help="Versions of every dataset that stay.")
@click.option("--dry-run", is_flag=True, help="Only show what would go.")
@ENV
@PARAMS
@one_message()
def prune(keep: int, dry_run: bool, env: str | None, params: dict[str, Any]) -> None:
    """Delete old versions and leftovers, but no version that a kept one was made from or that a run under way may read.

    Leftovers are unfinished saves of killed processes, and leases of runs that have ended.
    """
    with open_catalog(env, params) as catalog:
        root = data_root(catalog)
        every = leases.all_leases(root)
        running = {path: lease for path, lease in every.items() if leases.is_held(path, lease)}
        made = sorted(set().union(*(pipeline.all_outputs() for pipeline in pipelines.values())))
        trained = [name for name in ALGORITHMS if versions.versions(catalog.get(f"{name}.model"))]
        studies = {path.name for path in files.children(root / "08_reporting", ".study.csv")}
        searched = [name for name in ALGORITHMS if f"{name}.study.csv" in studies]
        # Exported files and predictions lie under the name of their model, searches under that of their algorithm.
        named: list[dict[str, Any]] = [{"model": name} for name in trained]
        named += [{"tune": params.get("tune", {}) | {"algorithm": name}} for name in searched]
        with ExitStack() as stack:
            catalogs = [stack.enter_context(open_catalog(env, params | one)) for one in named]
            old = versions.superseded(made, keep, [catalog, *catalogs], running.values())
        doomed = {folder: f"{name}@{version}" for name, version, folder in old}
        left = set(leases.left_over(root)).union(
            *(versions.abandoned(made, one, running.values()) for one in [catalog, *catalogs])
        )
        doomed |= {path: f"what a stopped process left: {path}" for path in sorted(left)}
    for path, lease in running.items():
        click.echo(
            f"a run is under way, of version {lease.version}: what it reads and makes stays ({path} tells of it)"
        )
    size = mib(versions.freed(doomed))
    for path, called in doomed.items():
        click.echo(f"{'would delete' if dry_run else 'deleting'} {called}")
        if not dry_run:
            files.delete(path)
    click.echo(f"{len(old)} versions and {len(doomed) - len(old)} leftovers, {size}")
