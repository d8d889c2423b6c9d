"""The names in a `kedro run` (pipelines, nodes, datasets, tags, namespaces, a runner), compared with all names."""

from collections.abc import Callable
from typing import Any

import click
from kedro.framework.project import pipelines
from kedro.pipeline import Pipeline
from kedro.runner import AbstractRunner
from kedro.utils import load_obj

from mnistm_da.errors import nearest

from .common import named_pipelines

RUNNERS = ("SequentialRunner", "ParallelRunner", "ThreadRunner")


def _nodes(pipeline: Pipeline) -> set[str]:
    return {node.name for node in pipeline.nodes}


def _tags(pipeline: Pipeline) -> set[str]:
    return {tag for node in pipeline.nodes for tag in node.tags}


def _namespaces(pipeline: Pipeline) -> set[str]:
    return {prefix for node in pipeline.nodes for prefix in node.namespace_prefixes}


NAMED: dict[str, tuple[str, Callable[[Pipeline], set[str]]]] = {
    "node_names": ("node", _nodes),
    "from_nodes": ("node", _nodes),
    "to_nodes": ("node", _nodes),
    "from_inputs": ("dataset", Pipeline.datasets),
    "to_outputs": ("dataset", Pipeline.datasets),
    "load_versions": ("dataset", Pipeline.datasets),
    "tags": ("tag", _tags),
    "namespaces": ("namespace", _namespaces),
}
"""Option to what it names, and where those are in a pipeline."""


def selected(options: dict[str, Any]) -> Pipeline:
    """Give the nodes that the options of `kedro run` choose.

    Raises:
        click.UsageError: an option names something that there is not, or together they choose nothing.
    """
    names = [name for name in [*(options["pipelines"] or []), options["pipeline"]] if name]
    whole = named_pipelines(names)
    for option, (kind, given_by) in NAMED.items():
        for name in options[option] or ():
            _check(kind, name, given_by, whole, names)
    check_runner(options["runner"], options["runner_params"] or {})
    try:
        return whole.filter(
            tags=options["tags"] or None,
            from_nodes=options["from_nodes"] or None,
            to_nodes=options["to_nodes"] or None,
            node_names=options["node_names"] or None,
            from_inputs=options["from_inputs"] or None,
            to_outputs=options["to_outputs"] or None,
            node_namespaces=options["namespaces"] or None,
        )
    except ValueError as error:
        raise click.UsageError("together, these options leave no node to run: name fewer of them.") from error


def _check(kind: str, name: str, given_by: Callable[[Pipeline], set[str]], whole: Pipeline, names: list[str]) -> None:
    here = given_by(whole)
    if name in here:
        return
    there = [of for of, pipeline in pipelines.items() if of != "__default__" and name in given_by(pipeline)]
    if there:
        raise click.UsageError(
            f"{kind} '{name}' is not in --pipelines={','.join(names) or '__default__'}, but in --pipelines={there[0]}."
        )
    more = f" `kedro registry describe {names[0]}` lists its nodes." if kind == "node" and names else ""
    listed = f" Known: {', '.join(sorted(here))}." if kind == "tag" else more
    raise click.UsageError(f"there is no {kind} '{name}'.{nearest(name, here)}{listed}")


def check_dataset(text: str) -> None:
    """Refuse ``DATASET`` or ``DATASET@VERSION`` of a dataset that no pipeline has.

    Raises:
        click.UsageError: names the nearest one.
    """
    name = text.partition("@")[0]
    known = set().union(*(pipeline.datasets() for pipeline in pipelines.values()))
    if name not in known:
        raise click.UsageError(f"there is no dataset '{name}'.{nearest(name, known)}")


def check_runner(name: str | None, arguments: dict[str, Any]) -> None:
    """Refuse a runner that there is not, or arguments that it does not take.

    Raises:
        click.UsageError: names the runner or its arguments, and the cure.
    """
    try:
        runner = load_obj(name or RUNNERS[0], "kedro.runner")
        is_runner = issubclass(runner, AbstractRunner)
    except (ImportError, AttributeError, ValueError, TypeError):
        is_runner = False
    if not is_runner:
        raise click.UsageError(
            f"there is no runner '{name}'.{nearest(str(name), RUNNERS)} Known: {', '.join(RUNNERS)}."
        )
    try:
        runner(**arguments)
    except (TypeError, ValueError) as error:
        given = ",".join(f"{key}={value}" for key, value in arguments.items())
        raise click.UsageError(f"--runner-params={given} does not fit {runner.__name__}: {error}") from error
