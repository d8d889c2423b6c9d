"""Which nodes are fresh, stale or missing, and why: their newest outputs' records against the present state."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node

from mnistm_da.kedro_private import version_of
from mnistm_da.project_paths import as_user_means
from mnistm_da.storage import files

from . import records
from .protocol import RAW, place
from .trace import code, current, newest, parameters, read_by


@dataclass
class NodeStatus:
    """The state of a node's newest outputs.

    Attributes:
        node: its name.
        state: ``fresh``, ``stale`` or ``missing``.
        why: reasons, in words; empty if it is fresh.
        outputs: datasets it makes.
        bytes: size of their newest versions.
    """

    node: str
    state: str = "fresh"
    why: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    bytes: int = 0


def status(
    pipeline: Pipeline, catalog: CatalogProtocol, package: str, untraced: Collection[str] = ()
) -> list[NodeStatus]:
    """Judge every node, in the order they would run.

    Args:
        pipeline: the nodes.
        catalog: where the outputs are, and the parameters of now.
        package: whose code counts.
        untraced: parameters that do not change the results.
    """
    found: list[NodeStatus] = []
    behind: dict[str, str] = {}  # outputs of nodes that are not fresh, with the node's state
    for node in pipeline.nodes:
        now = NodeStatus(node.name, outputs=list(node.outputs))
        for name in node.outputs:
            dataset = catalog.get(name)
            here = newest(dataset)
            if not version_of(dataset):
                now.why.append(f"{name} has no versions, and is always brought up to date")
                continue
            if here is None:
                now.state = "missing"
                now.why.append(f"there is no {name}")
                continue
            now.bytes += files.size(here[1])
            try:
                record = records.read(here[1])
            except records.DamagedRecordError:
                now.why.append(f"the record of {name} is damaged or was edited")
                continue
            if record is None or "node" not in record:
                now.why.append(f"{name} was not finished, or made outside of a run")
            elif not records.looks_unchanged(here[1], record):
                now.why.append(f"{name} is corrupt")
            else:
                now.why += differences(node, record, catalog, package, untraced)
        now.why += [f"input {name} is {behind[name]}" for name in node.inputs if name in behind]
        now.why = list(dict.fromkeys(now.why))
        if now.why and now.state == "fresh":
            now.state = "stale"
        if now.why:
            behind |= dict.fromkeys(node.outputs, now.state)
        found.append(now)
    return found


def differences(
    node: Node, record: dict[str, Any], catalog: CatalogProtocol, package: str, untraced: Collection[str]
) -> Iterator[str]:
    """Say in what a node would be made from something else today than its record says."""
    if record["node"] != node.name:
        yield f"it was made by the node {record['node']}"
    code_now = code(node, catalog, package)
    for path in sorted(code_now.keys() | record["code"].keys()):
        if code_now.get(path) != record["code"].get(path):
            yield f"code changed in {path}"
    then, now = _flat(record["parameters"]), _flat(parameters(node, catalog, untraced))
    for name in sorted(then.keys() | now.keys()):
        if then.get(name) != now.get(name):
            yield f"parameter {name} {then.get(name)} → {now.get(name)}"
    for name in read_by(node, catalog):
        made = record["inputs"].get(name)
        try:
            here = current(name, catalog)
        except records.DamagedRecordError:
            yield f"the record of its input {name} is damaged"
            continue
        if here and made is None:
            yield f"input {name} was not there"
        elif made and (not here or here[1] != made["content"]):
            yield _change(name, made, here, catalog)


def _change(name: str, made: dict[str, str], here: tuple[str, str] | None, catalog: CatalogProtocol) -> str:
    """Say what became of an input that is not as it was recorded."""
    if made["version"] != RAW:
        return f"input {name} has a newer version" if here else f"input {name} is gone"
    then, now = made.get("place"), place(catalog.get(name)).get("place")
    if then and not as_user_means(Path(then)).exists():
        return f"raw data {name} is gone: {then}" + (f" (it would be read from {now} now)" if now != then else "")
    if not here:
        return f"raw data {name} is gone" + (f": {now}" if now else "")
    return f"raw data {name} changed" + (f": {then} → {now}" if now != then else "")


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict) and value:
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat
