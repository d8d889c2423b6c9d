"""The graph of the project: which pipelines there are, and which datasets are versioned."""

import pickle
from multiprocessing.reduction import ForkingPickler
from typing import get_args

import pytest
from kedro.io.core import AbstractVersionedDataset

from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.datasets.crash_safe import CrashSafe
from mnistm_da.parameters import TYPED
from mnistm_da.pipeline_registry import NOT_PART_OF_ALL
from mnistm_da.registry import Family
from project_graph import FOLDERS, KNOWN_WITHOUT_LABELS, MEMORY_OF_SEARCH, PIPELINES, ancestors


def test_there_is_a_pipeline_for_every_algorithm_and_one_for_all():
    assert set(PIPELINES) == {"data", "all", "__default__", *NOT_PART_OF_ALL, *ALGORITHMS}
    everything = {node.name for name in PIPELINES if name not in NOT_PART_OF_ALL for node in PIPELINES[name].nodes}
    assert {node.name for node in PIPELINES["all"].nodes} == everything
    assert PIPELINES["__default__"].nodes == PIPELINES["dann"].nodes, "what `kedro run` alone runs"


@pytest.mark.parametrize("name", [name for name in PIPELINES if name not in ("predict", "export", "report")])
def test_every_pipeline_starts_from_raw_data(name):
    inputs = {i for i in PIPELINES[name].inputs() if not i.startswith("params:")}
    memory = {i for i in inputs if i.endswith(".earlier_state")} | {"finished_runs", "stopped_runs", "workplace"}
    memory |= MEMORY_OF_SEARCH | {"raw_proxy_photos"}
    assert inputs - memory - {"parameters"} == {*KNOWN_WITHOUT_LABELS, "raw_target_labels"}


def outputs() -> set[str]:
    """Of all pipelines; without `FOLDERS`."""
    return set().union(*(pipeline.all_outputs() for pipeline in PIPELINES.values())) - FOLDERS


def test_every_output_is_a_versioned_crash_safe_dataset_in_a_layer(project_catalog):
    for name in outputs():
        dataset = project_catalog.get(name)
        assert isinstance(dataset, AbstractVersionedDataset), f"{name} is {type(dataset).__name__}"
        assert isinstance(dataset, CrashSafe), name
        assert dataset._version is not None, f"{name} is not versioned"
        assert dataset.metadata["kedro-viz"]["layer"], name


def test_no_two_datasets_share_a_path(project_catalog):
    paths = [project_catalog.get(name)._filepath for name in outputs()]
    assert len(set(paths)) == len(paths)


def test_every_parameter_is_configured(project_catalog):
    for pipeline in PIPELINES.values():
        for name in pipeline.inputs():
            if name.startswith("params:"):
                project_catalog.load(name)


def test_every_typed_parameter_is_configured_and_valid(project_catalog):
    parameters = project_catalog.load("parameters")
    for name, model in TYPED.items():
        model.model_validate(parameters[name])


def test_an_adaptation_runs_with_its_bounds_in_one_pipeline():
    outputs = PIPELINES["dann"].all_outputs()
    assert {"source_only.metrics", "target_only.metrics", "dann.metrics", "dann.comparison"} <= outputs


@pytest.mark.parametrize("name", ALGORITHMS)
def test_no_score_depends_on_how_pictures_are_drawn(name):
    assert not {one for one in ancestors(PIPELINES[name], f"{name}.metrics") if one.startswith("params:embedding")}


@pytest.mark.parametrize("node", PIPELINES["all"].nodes, ids=lambda node: node.name)
def test_every_node_can_go_to_a_worker(node):
    """And comes there with its bound arguments and what its code's fingerprint needs."""
    there = pickle.loads(ForkingPickler.dumps(node))
    assert (there.name, there.namespace) == (node.name, node.namespace)
    for part in ("func", "args", "keywords"):
        assert getattr(there.func, part, None) == getattr(node.func, part, None)


def test_a_family_is_one_of_the_fields_and_few_labels_are_a_setting_of_it():
    assert {entry.family for entry in ALGORITHMS.values()} == {*get_args(Family)}
    bases = {name: name.replace("source_few_labels", "source_only").removesuffix("_few_labels") for name in ALGORITHMS}
    assert sum(name != base for name, base in bases.items()) == 4
    for name, base in bases.items():
        assert ALGORITHMS[name].family == ALGORITHMS[base].family
    assert [name for name, entry in ALGORITHMS.items() if entry.is_bound] == ["source_only", "target_only"]


def test_an_algorithm_is_a_namespace():
    for node in PIPELINES["all"].nodes:
        named = node.name.split(".")[0]
        assert node.namespace == (named if named in ALGORITHMS else None)
