"""`kedro reproduce`: a version made again with its recorded parameters."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from kedro.framework.project import pipelines
from kedro.io import DatasetError

from mnistm_da.hooks.project import data_root
from mnistm_da.lineage import elsewhere, records, versions
from mnistm_da.lineage.protocol import RAW
from mnistm_da.lineage.repetition import Step, plan, unlike
from mnistm_da.lineage.trace import newest
from mnistm_da.mistakes import one_message

from .common import ENV, PARAMS, new_session, open_catalog
from .names import check_dataset

PLACES = {
    "user_pictures": "images",
    "raw_source": "source",
    "raw_target_images": "target",
    "raw_target_labels": "target_test",
}
"""The parameter that says where raw data are read from, if they say where that was."""


@click.command()
@click.argument("dataset")
@ENV
@PARAMS
@click.option("--keep", is_flag=True, help="Keep the new results, as the newest versions.")
@one_message()
def reproduce(dataset: str, env: str | None, params: dict[str, Any], keep: bool) -> None:
    """Make DATASET or DATASET@VERSION again, as recorded; say whether the bytes came out the same.

    It computes with as many threads as then. All is made in a folder apart, which is deleted after the comparison, so
    that an old result does not become the newest. --params=device=… and images=… replace the recorded values.
    """
    check_dataset(dataset)
    with open_catalog(env, params) as catalog:
        name, version = versions.find(dataset, catalog)
        steps = versions.chain(name, version, catalog)
        try:
            runs = plan(steps, pipelines)
        except DatasetError as error:
            raise DatasetError(f"{name}@{version} cannot be made again: {error}") from error
        root = data_root(catalog)
    given = {key: params[key] for key in ("device", *PLACES.values()) if key in params}
    given = {PLACES[one]: found["place"] for one, _, found in steps if one in PLACES and "place" in found} | given
    with open_catalog(env, params | given) as catalog:
        _check_raw(steps, catalog)
    with elsewhere.saved_elsewhere(root):
        with open_catalog(env, params | given) as catalog:
            for one, made, record in steps:
                if made != RAW and "node" not in record:  # saved outside of a run: read as it is
                    elsewhere.bring(one, made, catalog)
        for run in runs:
            with _threads(run.threads), new_session(env, params | run.parameters | given) as session:
                session.run(pipeline_names=[run.pipeline], node_names=run.nodes)
        again = _made_again([one for one, made, _ in steps if made != RAW], env, params | given)
        if keep:
            with open_catalog(env, params | given) as catalog:
                elsewhere.keep(again, catalog)
    same = again[name]["content"] == steps[-1][2]["content"]
    click.echo(f"{name}@{version} came out {'the same, byte for byte' if same else 'different'}.")
    if not same:
        found = {text: None for one, _, then in steps if one in again for text in unlike(then, again[one])}
        click.echo("Unlike then: " + ("; ".join(found) or "nothing that is recorded; a GPU may round otherwise") + ".")
        raise SystemExit(1)


def _check_raw(steps: list[Step], catalog: Any) -> None:
    """Refuse to make anything of other raw data than those of then.

    Raises:
        click.UsageError: names the data, where they were, and what to do.
    """
    for name, version, record in steps:
        if version != RAW:
            continue
        dataset = catalog.get(name)
        place = getattr(dataset, "place", None)
        is_pictures = name in PLACES and place is not None
        what = "pictures" if is_pictures else f"raw data {name}"
        cure = f" If they lie elsewhere, say where: --params={PLACES[name]}=…" if is_pictures else ""
        if not dataset.exists():
            raise click.UsageError(f"the {what} of then are gone: there is nothing at {place}.{cure}")
        if dataset.content() != record["content"]:
            where = f" in {place}" if place else ""
            raise click.UsageError(f"the {what} of then are no more: those{where} today are others.{cure}")


def _made_again(names: list[str], env: str | None, params: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Give the records of the new results, by the names of the datasets, in their order."""
    with open_catalog(env, params) as catalog:
        elsewhere.move(names, catalog)
        found = {name: newest(catalog.get(name)) for name in names}
        return {name: records.read(here[1]) or {} for name, here in found.items() if here}


@contextmanager
def _threads(number: int | None) -> Iterator[None]:
    """Compute with a number of threads within; see `cores.threads`."""
    before = os.environ.get("OMP_NUM_THREADS")
    if number:
        os.environ["OMP_NUM_THREADS"] = str(number)
    try:
        yield
    finally:
        if before is None:
            os.environ.pop("OMP_NUM_THREADS", None)
        else:
            os.environ["OMP_NUM_THREADS"] = before
