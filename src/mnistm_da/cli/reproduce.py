"""`kedro reproduce`: a version made again with its recorded parameters."""

from pathlib import Path
from typing import Any

import click
from kedro.framework.project import pipelines

from mnistm_da.lineage import versions
from mnistm_da.lineage.records import read

from .common import ENV, PARAMS, new_session, open_catalog


@click.command()
@click.argument("dataset")
@ENV
@PARAMS
@click.option("--keep", is_flag=True, help="Keep what was made again, as the newest versions.")
def reproduce(dataset: str, env: str | None, params: dict[str, Any], keep: bool) -> None:
    """Make DATASET or DATASET@VERSION again with the recorded parameters; say whether the bytes came out the same.

    What was made again is deleted after the comparison, so that an old result does not become the newest.
    """
    with open_catalog(env, params) as catalog:
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
    with new_session(env, params | recorded) as session:
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
