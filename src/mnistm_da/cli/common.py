"""What the commands share: options, the project's session and catalog, pipelines by name."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from kedro.framework.cli.utils import _split_params
from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.io import DatasetError
from kedro.pipeline import Pipeline


def parse_params(context: click.Context, parameter: click.Parameter, value: str) -> dict[str, Any]:
    """Read the option ``--params`` as `kedro run` does."""
    found: dict[str, Any] = _split_params(context, parameter, value)
    return found


PARAMS = click.option("--params", default="", callback=parse_params, help="As for kedro run.")
ENV = click.option("--env", "-e", default=None, help="Kedro environment, such as sample.")


def new_session(env: str | None, params: dict[str, Any] | None = None, conf_source: str | None = None) -> Any:
    """Begin a session of the project."""
    return KedroSession.create(env=env, runtime_params=params, conf_source=conf_source)


@contextmanager
def open_catalog(
    env: str | None, params: dict[str, Any] | None = None, conf_source: str | None = None
) -> Iterator[Any]:
    """Give the project's catalog within.

    Raises:
        click.UsageError: for a `DatasetError` within, which is about the command's own question: no traceback.
    """
    kedro = logging.getLogger("kedro")
    before = kedro.level
    kedro.setLevel(max(before, logging.WARNING))  # reading parameters is no news here
    try:
        with new_session(env, params, conf_source) as session:
            yield session.load_context().catalog
    except DatasetError as error:
        raise click.UsageError(str(error)) from error
    finally:
        kedro.setLevel(before)


def named_pipelines(names: list[str]) -> Pipeline:
    """Put the named pipelines together; what `kedro run` alone runs if none is named.

    Raises:
        click.UsageError: there is no such pipeline; lists the known ones.
    """
    unknown = [name for name in names if name not in pipelines]
    if unknown:
        raise click.UsageError(f"there is no pipeline '{unknown[0]}'. Known: {', '.join(sorted(pipelines))}.")
    return sum((pipelines[name] for name in names or ["__default__"]), Pipeline([]))


def mib(size: int) -> str:
    """Write a number of bytes in MiB."""
    return f"{size / 2**20:,.1f} MiB"
