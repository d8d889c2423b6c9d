"""`kedro run`, and `kedro run --only-stale`."""

from typing import Any

import click
from kedro.framework.cli.project import run as kedro_run
from kedro.framework.project import pipelines

from mnistm_da.hooks.refuse_threads import refuse
from mnistm_da.lineage.status import NodeStatus, status
from mnistm_da.settings import PACKAGE, UNTRACED

from .common import named_pipelines, open_catalog

only_stale = click.Option(
    ["--only-stale"], is_flag=True, help="Run only what `kedro status` calls stale or missing, and what depends on it."
)


@click.command(name="run", params=[*kedro_run.params, only_stale], help=kedro_run.help)
def run(only_stale: bool, **options: Any) -> Any:
    """Run as `kedro run` does; with ``--only-stale``, nothing that is fresh."""
    if options["is_async"] or options["runner_params"].get("is_async"):
        refuse("--async")
    if not options["pipelines"] and not options["pipeline"]:
        options["pipelines"] = _holding(options)
    if only_stale:
        names = [name for name in [*(options["pipelines"] or []), options["pipeline"]] if name]
        try:
            chosen = named_pipelines(names).filter(
                tags=options["tags"] or None,
                from_nodes=options["from_nodes"] or None,
                to_nodes=options["to_nodes"] or None,
                node_names=options["node_names"] or None,
                from_inputs=options["from_inputs"] or None,
                to_outputs=options["to_outputs"] or None,
                node_namespaces=options["namespaces"] or None,
            )
        except ValueError as error:
            raise click.UsageError(str(error)) from error
        with open_catalog(options["env"], options["params"], options["conf_source"]) as catalog:
            found = [node for node in status(chosen, catalog, PACKAGE, UNTRACED) if node.state != "fresh"]
        if not found:
            click.echo("Nothing is stale: no node was run.")
            return {}
        _announce(found)
        # What was chosen is in the names now.
        options |= dict.fromkeys(("tags", "from_nodes", "to_nodes", "from_inputs", "to_outputs", "namespaces"), ())
        options["node_names"] = [node.node for node in found]
    assert kedro_run.callback
    return kedro_run.callback(**options)


def _holding(options: dict[str, Any]) -> list[str] | None:
    """Name the pipeline that holds the nodes and outputs that were named, if the default one does not."""
    named = {name for part in ("from_nodes", "to_nodes", "node_names", "to_outputs") for name in options[part] or ()}
    for name in ("__default__", *pipelines):
        if named <= {node.name for node in pipelines[name].nodes} | pipelines[name].all_outputs():
            return None if name == "__default__" else [name]
    return None


def _announce(found: list[NodeStatus]) -> None:
    for node in found:
        click.echo(f"{node.state}: {node.node} ({'; '.join(node.why)})")
