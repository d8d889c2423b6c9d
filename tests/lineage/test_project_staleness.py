"""The real graph: what a change of any parameter, or of any module, makes stale, against independent computations."""

import ast
import shutil
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.io import MemoryDataset

import mnistm_da
from mnistm_da.lineage import code
from mnistm_da.lineage.status import status
from mnistm_da.pipeline_registry import register_pipelines
from mnistm_da.settings import PACKAGE, UNTRACED

PIPELINE = register_pipelines()["dann"]
FOLDER = Path(mnistm_da.__file__).parent
MODULES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.py"))


@pytest.fixture(scope="module")
def catalog(sample_run, root):
    """The catalog of a finished run, with the parameters it was made with."""
    bootstrap_project(sample_run.folder)
    params = {"training": {"epochs": 20}}
    with KedroSession.create(project_path=sample_run.folder, env="sample", runtime_params=params) as session:
        yield session.load_context().catalog
    bootstrap_project(root)


def stale(catalog) -> set[str]:
    return {one.node for one in status(PIPELINE, catalog, PACKAGE, UNTRACED) if one.state != "fresh"}


def what_follows(nodes: set[str]) -> set[str]:
    """The nodes and all that depend on them, by the names of their inputs and outputs alone."""
    found = set(nodes)
    while True:
        made = {output for node in PIPELINE.nodes if node.name in found for output in node.outputs}
        more = found | {node.name for node in PIPELINE.nodes if made & set(node.inputs)}
        if more == found:
            return found
        found = more


def leaves(values: dict, prefix: str = "") -> Iterator[str]:
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def changed(value):
    return not value if isinstance(value, bool) else f"{value} changed"


def test_each_parameter_makes_stale_what_reads_it_and_what_follows(catalog):
    assert stale(catalog) == set()
    every = [leaf for leaf in leaves(catalog.load("parameters")) if f"params:{leaf}" not in UNTRACED]
    assert len(every) > 40
    seen = set()
    for leaf in every:
        prefixes = {f"params:{'.'.join(leaf.split('.')[: n + 1])}" for n in range(leaf.count(".") + 1)}
        before = {}
        for name in prefixes & set(PIPELINE.inputs()):
            value = before[name] = catalog.load(name)
            value = value.model_dump() if hasattr(value, "model_dump") else deepcopy(value)
            *path, last = leaf.split(".")[name.count(".") + 1 :] or [None]
            inner = value
            for step in path:
                inner = inner[step]
            if last is None:
                value = changed(value)
            else:
                inner[last] = changed(inner[last])
            catalog[name] = MemoryDataset(value)
        expected = what_follows({node.name for node in PIPELINE.nodes if prefixes & set(node.inputs)})
        assert stale(catalog) == expected, leaf
        seen |= expected
        for name, value in before.items():
            catalog[name] = MemoryDataset(value)
    assert stale(catalog) == set()
    assert len(seen) > 40, "hardly a node depends on any parameter"


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """The package's source in a copy that can be changed, which fingerprints read instead."""
    folder = tmp_path / PACKAGE
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(code, "_folder", lambda package: folder)

    def forget():
        for cached in (code._module, code._hash, code._mentions):
            cached.cache_clear()

    forget()
    yield folder, forget
    forget()


def imported_by(path: str) -> set[str]:
    """Every file of the package that a file's import statements lead to, at whatever depth: all it could ever run."""
    found, open_ends = set(), [path]
    while open_ends:
        here = open_ends.pop()
        if here in found or here not in MODULES:
            continue
        found.add(here)
        for node in ast.walk(ast.parse((FOLDER / here).read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                up = Path(PACKAGE, here).parents[node.level - 1].parts if node.level else ()
                base = ".".join([*up, *filter(None, [node.module])])
                names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
            else:
                continue
            for name in names:
                inside = "/".join(name.split(".")[1:]) if name.split(".")[0] == PACKAGE else ""
                open_ends += [f"{inside}.py", f"{inside}/__init__.py"]
    return found


def test_each_module_makes_stale_what_reaches_it(copied):
    """Never a node whose imports do not lead to it; and exactly the nodes that name it in their fingerprint."""
    folder, forget = copied
    functions = {node.name: node.func for node in PIPELINE.nodes}
    before = {name: code.fingerprint(function, PACKAGE) for name, function in functions.items()}
    could = {}
    for name, function in functions.items():
        inner = getattr(function, "func", function)
        chosen = [symbol.split(":")[0] for symbol in getattr(function, "instead", {}).values()]
        starts = [inner.__module__, *chosen]
        could[name] = set().union(*(imported_by("/".join(start.split(".")[1:]) + ".py") for start in starts))
    for module in MODULES:
        path = folder / module
        source = path.read_text()
        path.write_text(f"{source}\n...\n")  # a statement of the module's body
        forget()
        after = {name: code.fingerprint(function, PACKAGE) for name, function in functions.items()}
        path.write_text(source)
        differ = {name for name in functions if after[name] != before[name]}
        assert differ == {name for name in functions if module in before[name]}, module
        assert differ <= {name for name in functions if module in could[name]}, module


def test_what_runs_in_a_node_is_in_its_fingerprint(catalog):
    """Independent of the source: a profiler looks at nodes at work on the finished run (at trainings: test_code)."""
    seen: set[str] = set()

    def profile(frame, event, argument):
        path = Path(frame.f_code.co_filename)
        if event == "call" and FOLDER in path.parents and frame.f_code.co_flags & 0x2:
            seen.add(path.relative_to(FOLDER).as_posix())

    slow_or_alike = (".train", ".embed", ".validate", ".judge", "ingest_digits", "ingest_photos")
    chosen = [n for n in PIPELINE.nodes if n.namespace in (None, "dann") and not n.name.endswith(slow_or_alike)]
    assert len(chosen) > 12
    for node in chosen:
        inputs = {name: catalog.load(name) for name in node.inputs}
        seen.clear()
        sys.setprofile(profile)
        try:
            node.run(inputs)
        finally:
            sys.setprofile(None)
        assert seen, node.name
        assert not seen - set(code.fingerprint(node.func, PACKAGE)) - {"adaptation/registry.py"}, node.name
