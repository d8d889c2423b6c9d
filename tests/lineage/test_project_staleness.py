"""The real graph: what a change of any parameter, or of any module, makes stale, against independent computations."""

import ast
import sys
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from inspect import CO_NEWLOCALS
from pathlib import Path
from types import CodeType

import pytest
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.io import MemoryDataset
from pydantic import BaseModel

import mnistm_da
from conftest import SAMPLE_RUN
from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.hooks.project import PACKAGE, UNTRACED
from mnistm_da.kedro_private import split_params
from mnistm_da.lineage import code
from mnistm_da.lineage.status import status
from mnistm_da.pipeline_registry import NOT_PART_OF_ALL, register_pipelines
from mnistm_da.registry import ARCHITECTURES

PIPELINE = register_pipelines()["dann"]
FOLDER = Path(mnistm_da.__file__).parent
MODULES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.py"))
PARAMETERS = [path for path in MODULES if path.startswith("parameters/")]


@pytest.fixture(scope="module")
def catalog(sample_run, root):
    """The catalog of a finished run, with the parameters it was made with."""
    bootstrap_project(sample_run.folder)
    params = split_params(None, None, SAMPLE_RUN)
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


def plain(value):
    """Give a parameter as dictionaries and scalars, whether or not Kedro has made a checked model of it."""
    if isinstance(value, BaseModel):
        value = value.model_dump()
    return {key: plain(inner) for key, inner in value.items()} if isinstance(value, dict) else deepcopy(value)


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
    every = [leaf for leaf in leaves(plain(catalog.load("parameters"))) if f"params:{leaf}" not in UNTRACED]
    assert len(every) > 40
    seen, covered = set(), 0
    for leaf in every:
        prefixes = {f"params:{'.'.join(leaf.split('.')[: n + 1])}" for n in range(leaf.count(".") + 1)}
        prefixes &= set(PIPELINE.inputs())
        before = {}
        for name in prefixes:
            before[name] = catalog.load(name)
            value = plain(before[name])
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
        assert not prefixes or stale(catalog) == expected, leaf
        seen |= expected
        covered += bool(prefixes)
        for name, value in before.items():
            catalog[name] = MemoryDataset(value)
    assert stale(catalog) == set()
    assert covered > 20, "hardly a parameter is read by this pipeline"
    assert len(seen) > 40, "hardly a node depends on any parameter"


def code_of(nodes) -> dict[str, dict[str, str]]:
    return {node.name: code.fingerprint(node.func, PACKAGE, node.namespace) for node in nodes}


@pytest.mark.parametrize(
    ("paths", "stale"),
    [
        ([path for path in MODULES if path.split("/")[0] in ("viz", "cli", "hooks", "lineage", "datasets")], set()),
        (["settings.py", "pipeline_registry.py", "pipelines/template.py", "pipelines/training/pipeline.py"], set()),
        ([*PARAMETERS, "registry.py", "adaptation/registry.py", "adaptation/networks/registry.py"], set()),
        (["adaptation/algorithms/cdan.py"], {"cdan", "cdan_e"}),
        (["adaptation/algorithms/mme.py"], {"mme"}),
        (["adaptation/losses/contrastive.py"], {"cdd"}),
        (["adaptation/networks/ganin.py"], {*ALGORITHMS}),
        (["adaptation/optimization/loop.py"], {*ALGORITHMS}),
        (["domains/format.py"], {*ALGORITHMS}),
    ],
)
def test_a_change_makes_those_trainings_stale_that_import_it(change, paths, stale):
    trainings = [node for node in register_pipelines()["all"].nodes if node.name == f"{node.namespace}.train"]
    before = code_of(trainings)
    assert len(before) == len(ALGORITHMS)
    change(*paths)
    after = code_of(trainings)
    assert {name for name in before if after[name] != before[name]} == {f"{name}.train" for name in stale}


def test_pytorch_adapts_hooks_and_the_networks_count_for_dann(change):
    [train] = [node for node in PIPELINE.nodes if node.name == "dann.train"]
    before = code_of([train])
    for path in ("adaptation/hooked.py", "adaptation/networks/discriminators.py", "adaptation/networks/heads.py"):
        change(path)
        assert code_of([train]) != before, path


def test_no_algorithm_and_no_name_of_one_makes_data_stale(change):
    data = register_pipelines()["data"].nodes
    before = code_of(node for node in data if node.name != "plot_samples")
    assert len(before) > 6
    change(*(path for path in MODULES if path.startswith("adaptation/")), *PARAMETERS, "registry.py")
    assert before == code_of(node for node in data if node.name != "plot_samples")


@cache
def imports(path: str) -> list[str]:
    """The files of the package, there or not, that a file's import statements can mean."""
    found = []
    for node in ast.walk(ast.parse((FOLDER / path).read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            up = Path(PACKAGE, path).parents[node.level - 1].parts if node.level else ()
            base = ".".join([*up, *filter(None, [node.module])])
            names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            inside = "/".join(name.split(".")[1:]) if name.split(".")[0] == PACKAGE else ""
            found += [f"{inside}.py", f"{inside}/__init__.py"]
    return found


def imported_by(path: str) -> set[str]:
    """Every file of the package that a file's import statements lead to, at whatever depth: all it could ever run."""
    found, open_ends = set(), [path]
    while open_ends:
        here = open_ends.pop()
        if here in MODULES and here not in found:
            found.add(here)
            open_ends += imports(here)
    return found


def test_each_module_makes_stale_what_imports_it(change):
    """Exactly the nodes whose fingerprint names it; and, by import statements alone, none that could not reach it.

    That none is missing is what the profiler looks for, here and in test_code.
    """
    nodes, could = {}, {}
    for node in [*PIPELINE.nodes, *(node for name in NOT_PART_OF_ALL for node in register_pipelines()[name].nodes)]:
        inner = getattr(node.func, "func", node.func)
        nodes[inner.__module__, node.namespace] = node
    for node in nodes.values():
        inner = getattr(node.func, "func", node.func)
        found = imported_by("/".join(inner.__module__.split(".")[1:]) + ".py")
        entries = [ALGORITHMS[node.namespace]] if node.namespace else ALGORITHMS.values()
        if "adaptation/registry.py" in found:
            starts = {f"adaptation/algorithms/{entry.path.split(':')[0]}.py" for entry in entries}
            starts |= {f"adaptation/networks/{path.split(':')[0]}.py" for path in ARCHITECTURES.values()}
            found = found.union(*map(imported_by, starts))
        could[node.name] = found
    assert len(nodes) > 12
    before = code_of(nodes.values())
    for module in MODULES:
        change(module)
        after = code_of(nodes.values())
        differ = {name for name in before if after[name] != before[name]}
        assert differ == {name for name in before if module in before[name] and Path(module).name != "registry.py"}, (
            module
        )
        assert differ <= {name for name in before if module in could[name]}, module


def test_what_runs_in_a_node_is_in_its_fingerprint(catalog):
    """Independent of the source: a profiler looks at nodes at work on the finished run (at trainings: test_code)."""
    ran: set[CodeType] = set()

    def profile(frame, event, argument):
        if event == "call" and frame.f_code.co_flags & CO_NEWLOCALS:  # of functions alone
            ran.add(frame.f_code)

    slow = ("train", "embed", "validate", "judge", "ingest_source", "ingest_photos")
    slow += ("plot_samples", "plot_validators", "plot_confusion", "plot_overview", "plot_comparison")
    chosen = [n for n in PIPELINE.nodes if n.namespace in (None, "dann") and n.name.split(".")[-1] not in slow]
    assert len(chosen) > 9
    for node in chosen:
        inputs = {name: catalog.load(name) for name in node.inputs}
        ran.clear()
        sys.setprofile(profile)
        try:
            node.run(inputs)
        finally:
            sys.setprofile(None)
        paths = {Path(one.co_filename) for one in ran}
        seen = {path.relative_to(FOLDER).as_posix() for path in paths if FOLDER in path.parents}
        assert seen, node.name
        found = set(code.fingerprint(node.func, PACKAGE, node.namespace))
        # Of parameters the values are recorded; the names of the registries count as what they choose.
        assert not seen - found - {*PARAMETERS, "registry.py"}, node.name
