"""What the commands share: options, the project's session and catalog, pipelines by name."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from typing import Any

import click
from kedro.framework.cli.utils import split_node_names, split_string
from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.pipeline import Pipeline
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from mnistm_da.errors import unknown
from mnistm_da.kedro_private import config_file_callback, split_load_versions, split_params
from mnistm_da.mistakes import one_message
from mnistm_da.parameters import AS_TYPED
from mnistm_da.storage import files

LISTS = (split_string, split_node_names, split_load_versions, split_params)
"""How Kedro reads options that list something."""

NAMED = frozenset({"launcher", "tracking"})
"""Sections of the parameters of which ``launcher=dask`` sets the name."""


def parse_params(context: click.Context, parameter: click.Parameter, value: Any) -> dict[str, Any]:
    """Read ``--params`` or ``--runner-params`` as Kedro does, but paths and names as they are typed.

    Kedro splits at commas and reads every value as YAML, in which ``a #2``, ``7``, ``a: b`` and ``${x}`` are no text. A
    part without ``=`` belongs to a path before it; so a path may have commas, but no comma with an ``=`` after it.

    Raises:
        click.UsageError: a part without a name or a value, or a value that is no YAML.
    """
    if isinstance(value, dict):  # of the file that --config names
        return value
    paths: dict[str, str] = {}
    rest, last = [], ""
    for part in filter(str.strip, value.split(",")):
        key, equals, text = part.partition("=")
        if not equals and last and last not in AS_TYPED:
            raise click.UsageError(
                f"{parameter.opts[0]}: '{part.strip()}' after '{last}' is no name=value. Commas part parameters; "
                'a list has spaces: --params="benchmark.seeds=0 1 2"'
            )
        last = key.strip() if equals else last
        if last in NAMED and equals:
            part = f"{last}.name={text}"  # noqa: PLW2901
        if last not in AS_TYPED:
            rest.append(part)
        else:
            paths[last] = text if equals else f"{paths[last]},{part}"
    try:
        found: dict[str, Any] = split_params(context, parameter, ",".join(rest))
    except (YAMLError, OmegaConfBaseException) as error:
        first = str(error).splitlines()[0]
        raise click.UsageError(f"'{parameter.opts[0]}={value}' cannot be read as YAML: {first}") from error
    # The configuration, which looks for ${…} in every text, takes an escaped one as it is.
    for key, text in paths.items():
        *sections, name = key.split(".")
        section = found.setdefault(sections[0], {}) if sections else found
        if isinstance(section, dict):  # else it is refused as none, by its name
            section[name] = text.strip().replace("${", r"\${")
    return found


class Repeatable(click.Option):
    """An option that lists something: given twice, it lists what both say, where click would forget the first."""

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        """Let the parser collect all that is typed."""
        parser.add_option(obj=self, opts=self.opts, dest=self.name, action="append", nargs=self.nargs)

    def consume_value(self, ctx: click.Context, opts: Mapping[str, Any]) -> tuple[Any, Any]:
        """Give the typed values as one text, with commas."""
        value, source = super().consume_value(ctx, opts)
        return (",".join(value) if isinstance(value, list) else value), source


def own_params(options: list[click.Parameter]) -> list[click.Parameter]:
    """Give copies of Kedro's options of `kedro run`, with `parse_params`, lists that add up, and plain messages."""
    copies = [copy(option) for option in options]
    for option in copies:
        if option.callback in LISTS or option.name == "pipeline":
            option.__class__ = Repeatable
        if option.callback is split_params:
            option.callback = parse_params
        elif option.callback is config_file_callback:
            option.callback = one_message()(_read_options)
        elif option.callback:
            option.callback = one_message()(option.callback)
    return copies


def _read_options(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """Read the file that ``--config`` names as Kedro does.

    Raises:
        click.UsageError: it holds something other than options of this command.
    """
    try:
        return config_file_callback(context, parameter, value)
    except (AttributeError, KeyError, TypeError) as error:
        raise click.UsageError(
            f"--config: '{value}' has no options of `kedro {context.info_name}`. It must read '{context.info_name}:' "
            "and below it, indented, 'pipelines: dann' and others."
        ) from error


PARAMS = click.option("--params", cls=Repeatable, default="", callback=parse_params, help="As for kedro run.")
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
        click.ClickException: for a mistake within: no traceback.
    """
    kedro = logging.getLogger("kedro")
    before = kedro.level
    kedro.setLevel(max(before, logging.WARNING))  # reading parameters is no news here
    try:
        with one_message(), new_session(env, params, conf_source) as session, files.listed_once():
            yield session.load_context().catalog
    finally:
        kedro.setLevel(before)


def named_pipelines(names: list[str]) -> Pipeline:
    """Put the named pipelines together; what `kedro run` alone runs if none is named.

    Raises:
        click.UsageError: there is no such pipeline; lists the known ones.
    """
    for name in names:
        if name not in pipelines:
            raise click.UsageError(unknown("pipeline", name, pipelines))
    return sum((pipelines[name] for name in names or ["__default__"]), Pipeline([]))


def mib(size: int) -> str:
    """Write a number of bytes in MiB."""
    return f"{size / 2**20:,.1f} MiB"
