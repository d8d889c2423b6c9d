"""The project's own commands beside Kedro's: status, lineage, reproduce, prune, and `kedro run --only-stale`."""

import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click
from kedro.framework.cli.project import run as kedro_run
from kedro.framework.cli.utils import CONTEXT_SETTINGS, _split_params, split_string
from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.io import DatasetError
from kedro.pipeline import Pipeline

from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.lineage import versions
from mnistm_da.lineage.records import read
from mnistm_da.lineage.status import NodeStatus, status
from mnistm_da.lineage.trace import RAW
from mnistm_da.settings import PACKAGE, UNTRACED


def _params(context: click.Context, parameter: click.Parameter, value: str) -> dict[str, Any]:
    found: dict[str, Any] = _split_params(context, parameter, value)
    return found


PARAMS = click.option("--params", default="", callback=_params, help="As for kedro run.")
ENV = click.option("--env", "-e", default=None, help="Kedro environment, such as sample.")


@click.group(context_settings=CONTEXT_SETTINGS, name=PACKAGE)
def cli() -> None:
    """Commands of mnistm-da."""


def _session(env: str | None, params: dict[str, Any] | None = None, conf_source: str | None = None) -> Any:
    return KedroSession.create(env=env, runtime_params=params, conf_source=conf_source)


@contextmanager
def _catalog(env: str | None, params: dict[str, Any] | None = None, conf_source: str | None = None) -> Iterator[Any]:
    logging.getLogger("kedro").setLevel(logging.WARNING)  # reading parameters is no news here
    try:
        with _session(env, params, conf_source) as session:
            yield session.load_context().catalog
    except DatasetError as error:  # of a command's own question: no traceback
        raise click.UsageError(str(error)) from error
    finally:
        logging.getLogger("kedro").setLevel(logging.INFO)


def _pipeline(names: list[str]) -> Pipeline:
    unknown = [name for name in names if name not in pipelines]
    if unknown:
        raise click.UsageError(f"there is no pipeline '{unknown[0]}'. Known: {', '.join(sorted(pipelines))}.")
    return sum((pipelines[name] for name in names or ["__default__"]), Pipeline([]))


@cli.command(name="status")
@click.option("--pipelines", "names", default="", callback=split_string, help="Names, with commas; all if left out.")
@ENV
@PARAMS
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def status_command(names: list[str], env: str | None, params: dict[str, Any], as_json: bool) -> None:
    """Say of each node whether its newest outputs are fresh, stale or missing, and why."""
    with _catalog(env, params) as catalog:
        found = status(_pipeline(names), catalog, PACKAGE, UNTRACED)
        everything = versions.used({name for node in found for name in node.outputs}, catalog)
    if as_json:
        click.echo(json.dumps([vars(node) for node in found], indent=1, ensure_ascii=False))
        return
    for node in found:
        click.secho(f"{node.state:8}", fg={"fresh": "green", "stale": "yellow", "missing": "red"}[node.state], nl=False)
        click.echo(f"{node.node}  {'; '.join(node.why)}".rstrip())
    counts = {state: sum(node.state == state for node in found) for state in ("fresh", "stale", "missing")}
    size = sum(node.bytes for node in found)
    sizes = f"newest versions: {_mib(size)}, all versions: {_mib(everything)}"
    click.echo(f"{', '.join(f'{n} {state}' for state, n in counts.items())}; {sizes}")


def _mib(size: int) -> str:
    return f"{size / 2**20:,.1f} MiB"


only_stale = click.Option(
    ["--only-stale"], is_flag=True, help="Run only what `kedro status` calls stale or missing, and what depends on it."
)


@cli.command(name="run", params=[*kedro_run.params, only_stale], help=kedro_run.help)
def run(only_stale: bool, **options: Any) -> Any:
    """Run as `kedro run` does; with ``--only-stale``, nothing that is fresh."""
    if not options["pipelines"] and not options["pipeline"]:
        options["pipelines"] = _holding(options)
    if only_stale:
        names = [name for name in [*(options["pipelines"] or []), options["pipeline"]] if name]
        try:
            chosen = _pipeline(names).filter(
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
        with _catalog(options["env"], options["params"], options["conf_source"]) as catalog:
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


@cli.command()
@click.argument("dataset")
@ENV
@PARAMS
def lineage(dataset: str, env: str | None, params: dict[str, Any]) -> None:
    """Print everything DATASET or DATASET@VERSION was made from, raw data first."""
    with _catalog(env, params) as catalog:
        for name, version, record in versions.chain(*versions.find(dataset, catalog), catalog):
            if "node" in record:
                made_by = f"{record['node']}  {record['seconds']} s"
            else:
                made_by = "read from outside" if version == RAW else "made outside of a run"
            click.echo(f"{name}@{version}  {record['content'][:12]}  {made_by}")
            for parameter, value in record.get("parameters", {}).items():
                click.echo(f"    {parameter} = {json.dumps(value, ensure_ascii=False)}")


@cli.command()
@click.argument("dataset")
@ENV
@PARAMS
@click.option("--keep", is_flag=True, help="Keep what was made again, as the newest versions.")
def reproduce(dataset: str, env: str | None, params: dict[str, Any], keep: bool) -> None:
    """Make DATASET or DATASET@VERSION again with the recorded parameters; say whether the bytes came out the same.

    What was made again is deleted after the comparison, so that an old result does not become the newest.
    """
    with _catalog(env, params) as catalog:
        name, version = versions.find(dataset, catalog)
        steps = versions.chain(name, version, catalog)
    nodes = {record["node"] for _, _, record in steps if "node" in record}
    recorded = _recorded_parameters(name, [record for *_, record in steps])
    holding = next(
        (p for p in ("__default__", *pipelines) if nodes <= {node.name for node in pipelines[p].nodes}), None
    )
    if not nodes or not holding:
        raise click.UsageError(
            f"no one pipeline makes '{name}' of {version} again. Reproduce what it was made from: "
            + ", ".join(f"{one}@{made}" for one, made, record in steps[:-1] if "node" in record)
        )
    with _session(env, params | recorded) as session:
        session.run(pipeline_names=[holding], node_names=sorted(nodes))
    again = read(versions.folder_of(name, session.session_id, catalog) / Path(catalog.get(name)._filepath).name)
    same = again is not None and again["content"] == steps[-1][2]["content"]
    if not keep:
        for output in pipelines[holding].only_nodes(*nodes).all_outputs():
            versions.delete(versions.folder_of(output, session.session_id, catalog))
    click.echo(f"{name}@{version} came out {'the same, byte for byte' if same else 'different'}.")
    if not same:
        raise SystemExit(1)


def _recorded_parameters(name: str, steps: list[dict[str, Any]]) -> dict[str, Any]:
    """Put the parameters of all steps together.

    Raises:
        click.UsageError: two steps were made with different values of the same one, so that no one run makes both.
    """
    found: dict[str, Any] = {}
    for record in steps:
        for key, value in record.get("parameters", {}).items():
            if found.setdefault(key, value) != value:
                raise click.UsageError(
                    f"'{name}' was made in several runs of different parameters ({key} {found[key]} and {value}): "
                    f"reproduce what it was made from, one by one; `kedro lineage {name}` lists it"
                )
    return found


@cli.command()
@click.option("--keep", type=click.IntRange(min=1), required=True, help="Versions of every dataset that stay.")
@click.option("--dry-run", is_flag=True, help="Only show what would go.")
@ENV
def prune(keep: int, dry_run: bool, env: str | None) -> None:
    """Delete old versions, but none that a kept one was made from, and what killed processes left."""
    with _catalog(env) as catalog:
        made = sorted(set().union(*(pipeline.all_outputs() for pipeline in pipelines.values())))
        trained = [name for name in ALGORITHMS if versions.versions(catalog.get(f"{name}.model"))]
        with ExitStack() as stack:  # what was exported or predicted lies under the name of its model
            catalogs = [stack.enter_context(_catalog(env, {"model": name})) for name in trained]
            old = versions.superseded(made, keep, [catalog, *catalogs])
        doomed = {folder: f"{name}@{version}" for name, version, folder in old}
        doomed |= {path: f"what a stopped process left: {path}" for path in versions.abandoned(made, catalog)}
    size = _mib(versions.freed(doomed))
    for path, called in doomed.items():
        click.echo(f"{'would delete' if dry_run else 'deleting'} {called}")
        if not dry_run:
            versions.delete(path)
    click.echo(f"{len(old)} versions and {len(doomed) - len(old)} leftovers, {size}")
