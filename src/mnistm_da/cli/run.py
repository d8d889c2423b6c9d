"""`kedro run`, and `kedro run --only-stale`."""

from typing import Any

import click
from kedro.framework.cli.project import run as kedro_run
from kedro.framework.cli.utils import split_string
from kedro.framework.project import pipelines

from mnistm_da.hooks.project import PACKAGE, UNTRACED
from mnistm_da.hooks.refuse_threads import refuse
from mnistm_da.lineage.status import NodeStatus, status
from mnistm_da.mistakes import one_message
from mnistm_da.pipeline_registry import DEFAULT_PIPELINE
from mnistm_da.settings import PROGRESS

from . import stopping
from .common import open_catalog, own_params
from .names import selected

only_stale = click.Option(
    ["--only-stale"], is_flag=True, help="Run only what `kedro status` calls stale or missing, and what depends on it."
)


class _Run(click.Command):
    """A command that remembers its arguments as they were typed."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta["typed"] = tuple(args)
        return super().parse_args(ctx, args)


@click.command(name="run", cls=_Run, params=[*own_params(kedro_run.params), only_stale], help=kedro_run.help)
@click.pass_context
@one_message()
def run(context: click.Context, only_stale: bool, **options: Any) -> Any:
    """Run as `kedro run` does; with ``--only-stale``, nothing that is fresh."""
    typed = context.meta["typed"]
    if options["is_async"] or options["runner_params"].get("is_async"):
        refuse("--async")
    with stopping.one_line_when_stopped(context, typed, PROGRESS):
        options |= _named(context, options)
        selected(options)
        if only_stale:
            found = _stale(options)
            if not found:
                click.echo("Nothing is stale: no node was run.")
                return {}
            _announce(found)
            # The names hold the choice now.
            options |= dict.fromkeys(("tags", "from_nodes", "to_nodes", "from_inputs", "to_outputs", "namespaces"), ())
            options["node_names"] = [node.node for node in found]
        return _run(context, typed, options)


def _run(context: click.Context, typed: tuple[str, ...], options: dict[str, Any]) -> Any:
    """Run as Kedro does; of a node that failed, say how to go on, in place of Kedro's five lines."""
    assert kedro_run.callback
    try:
        return kedro_run.callback(**options)
    except Exception as error:
        if str(error).startswith(
            "Pipeline does not contain"
        ):  # all that was named has been found in the registry before
            raise click.UsageError(
                f"{error} It learns from target labels, and the target of this environment has none."
            ) from error
        if PROGRESS.node:
            again = stopping.only_stale(stopping.command(context), typed)
            click.echo(f"failed in {PROGRESS.node}; when that is mended, go on with {again}", err=True)
        raise


def _named(context: click.Context, options: dict[str, Any]) -> dict[str, Any]:
    """Choose the pipelines: those that were named, in the new spelling or the old one, else by what else was named."""
    if options["pipeline"] and options["pipelines"]:
        raise click.UsageError("--pipeline and --pipelines mean the same: name one of them.")
    old = split_string(context, None, options["pipeline"] or "")
    return {"pipeline": None, "pipelines": options["pipelines"] or old or _holding(options)}


def _holding(options: dict[str, Any]) -> list[str]:
    """Name the pipeline that holds the named nodes, datasets, namespaces and tags: the default one if it does.

    Of tags, which mean whatever has one of them, everything in all pipelines.
    """
    named = {name for part in ("from_nodes", "to_nodes", "node_names", "to_outputs") for name in options[part] or ()}
    inputs, namespaces, tags = (set(options.get(part) or ()) for part in ("from_inputs", "namespaces", "tags"))
    for name in (DEFAULT_PIPELINE, *(["all"] if tags else []), *pipelines):
        nodes = pipelines[name].nodes
        if (
            named <= {node.name for node in nodes} | pipelines[name].all_outputs()
            and inputs <= pipelines[name].datasets()
            and namespaces <= {node.namespace for node in nodes}
            and tags <= {tag for node in nodes for tag in node.tags}
        ):
            return [name]
    return [DEFAULT_PIPELINE]


def _stale(options: dict[str, Any]) -> list[NodeStatus]:
    """Give the chosen nodes that are not fresh; which there are, an environment may decide."""
    with open_catalog(options["env"], options["params"], options["conf_source"]) as catalog:
        return [node for node in status(selected(options), catalog, PACKAGE, UNTRACED) if node.state != "fresh"]


def _announce(found: list[NodeStatus]) -> None:
    for node in found:
        click.echo(f"{node.state}: {node.node} ({'; '.join(node.why)})")
