"""`kedro lineage`: all that a version was made from."""

import json
from typing import Any

import click

from mnistm_da.lineage import versions
from mnistm_da.lineage.protocol import RAW
from mnistm_da.mistakes import one_message

from .common import ENV, PARAMS, open_catalog
from .names import check_dataset


@click.command()
@click.argument("dataset")
@ENV
@PARAMS
@one_message()
def lineage(dataset: str, env: str | None, params: dict[str, Any]) -> None:
    """Print everything DATASET or DATASET@VERSION was made from, raw data first."""
    check_dataset(dataset)
    with open_catalog(env, params) as catalog:
        for name, version, record in versions.chain(*versions.find(dataset, catalog), catalog):
            if "node" in record:
                made_by = f"{record['node']}  {record['seconds']} s"
            else:
                read = f"read from {record.get('place', 'outside')}"
                made_by = read if version == RAW else "made outside of a run"
            click.echo(f"{name}@{version}  {record['content'][:12]}  {made_by}")
            for parameter, value in record.get("parameters", {}).items():
                click.echo(f"    {parameter} = {json.dumps(value, ensure_ascii=False)}")
