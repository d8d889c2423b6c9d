"""How to make a version again: the nodes, their runs, their parameters and threads. And why the result differs.

A plan is made from records alone.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kedro.io import DatasetError
from kedro.pipeline import Pipeline

from .protocol import RAW

Step = tuple[str, str, dict[str, Any]]
"""Name, version and record, as `versions.chain` gives them."""


@dataclass
class Run:
    """One run of a plan.

    Attributes:
        pipeline: its name.
        nodes: of it.
        parameters: as recorded, by name.
        threads: of the processor, as recorded; nothing if no node's record tells them.
    """

    pipeline: str
    nodes: list[str] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)
    threads: int | None = None


def plan(steps: Iterable[Step], pipelines: Mapping[str, Pipeline]) -> list[Run]:
    """Give the runs, one after the other, that make all steps again: as few as their records allow.

    A run has one value of each parameter, one number of threads, and a pipeline that holds all its nodes.

    Raises:
        DatasetError: nothing makes a step again, a record of a step is gone, or it was made from two versions of one
            dataset.
    """
    runs: list[Run] = []
    contents: dict[str, str] = {}
    for name, version, record in steps:
        gone = [
            f"'{one}' of {made['version']}" for one, made in record.get("inputs", {}).items() if one not in contents
        ]
        if gone:
            raise DatasetError(f"it was made from {gone[0]}, whose record is gone")
        if contents.setdefault(name, record["content"]) != record["content"]:
            raise DatasetError(f"it was made from several versions of '{name}', and one run makes only one")
        if version != RAW and "node" in record:
            runs[-1:] = _with(runs[-1] if runs else None, record, pipelines)
    if not runs:
        raise DatasetError("it was made outside of a run: nothing is known of how to make it again")
    return runs


def _with(last: Run | None, record: dict[str, Any], pipelines: Mapping[str, Pipeline]) -> list[Run]:
    """Let the last run make one step more; if it cannot, add a run that does."""
    node, parameters, threads = record["node"], record.get("parameters", {}), _threads(record)
    if last and all(last.parameters.get(key, value) == value for key, value in parameters.items()):
        nodes = list(dict.fromkeys([*last.nodes, node]))
        pipeline = _holding(nodes, [last.pipeline, *pipelines], pipelines)
        if pipeline and (threads is None or last.threads in (None, threads)):
            return [Run(pipeline, nodes, last.parameters | parameters, last.threads or threads)]
    pipeline = _holding([node], ["__default__", *pipelines], pipelines)
    if not pipeline:
        raise DatasetError(f"there is no node '{node}' any more, which made a part of it")
    return [*([last] if last else []), Run(pipeline, [node], dict(parameters), threads)]


def _holding(nodes: list[str], names: list[str], pipelines: Mapping[str, Pipeline]) -> str | None:
    return next((name for name in names if {*nodes} <= {node.name for node in pipelines[name].nodes}), None)


def _threads(record: dict[str, Any]) -> int | None:
    facts = record.get("facts", {})
    in_words = re.search(r"\((\d+) threads\)", str(facts.get("device")))  # all that older records tell
    return facts.get("threads") or (int(in_words[1]) if in_words else None)


def unlike(then: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    """Say in what two records of the same step differ besides their content."""
    for section in ("facts", "libraries"):
        before, after = then.get(section, {}), now.get(section, {})
        for key in sorted(before.keys() & after.keys()):
            if before[key] != after[key]:
                yield f"{key} {before[key]} → {after[key]}"
    before, after = then.get("code", {}), now.get("code", {})
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) != after.get(path):
            yield f"code changed in {path}"
