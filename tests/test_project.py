"""The graph of the project: which datasets are versioned, and what an unsupervised model can know."""

import pickle
from multiprocessing.reduction import ForkingPickler
from typing import get_args

import pytest
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.io.core import AbstractVersionedDataset
from kedro.pipeline import Pipeline

from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.datasets.crash_safe import CrashSafe
from mnistm_da.datasets.raw import SampleDigits
from mnistm_da.parameters import TYPED
from mnistm_da.pipeline_registry import NOT_PART_OF_ALL, register_pipelines
from mnistm_da.pipelines.benchmark.unit import unit_pipeline
from mnistm_da.pipelines.ingestion import TARGET_LABELS
from mnistm_da.pipelines.tuning.pipeline import OF_TRIALS
from mnistm_da.pipelines.tuning.trial import parts_of
from mnistm_da.registry import Family

PIPELINES = register_pipelines()
UNLABELLED = register_pipelines(labelled_target=False)
"""The pipelines of an environment whose target has no labels to train on."""

UNSUPERVISED = [name for name, entry in ALGORITHMS.items() if entry.target_labels == "none"]
KNOWN_WITHOUT_LABELS = {"raw_source", "raw_target_images", "raw_photos"}
"""What an unsupervised model may be made of. The labels in ``raw_source`` are the source's: every model reads them.

In the standard protocol both domains have the same digits, and therefore the same labels. They must not come to a model
as labels of target images: a test below keeps the source from every node that makes target images.
"""


@pytest.fixture(scope="module", params=["base", "sample", "full_length", "digits", "pictures"])
def catalog(request, root):
    bootstrap_project(root)
    with KedroSession.create(project_path=root, env=request.param) as session:
        yield session.load_context().catalog


def ancestors(pipeline: Pipeline, dataset: str) -> set[str]:
    """Every dataset that the making of this one can depend on."""
    made_by = {output: node for node in pipeline.nodes for output in node.outputs}
    found, open_ends = set(), [dataset]
    while open_ends:
        node = made_by.get(open_ends.pop())
        new = set(node.inputs if node else ()) - found
        found |= new
        open_ends += new
    return found


def made_of(pipeline: Pipeline, datasets: set[str] | frozenset[str]) -> set[str]:
    """Every dataset of a pipeline that one of these can have gone into."""
    made: set[str] = set()
    for node in pipeline.nodes:  # in the order in which they run
        if (made | datasets) & set(node.inputs):
            made |= set(node.outputs)
    return made


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


MEMORY_OF_SEARCH = {"finished_trials", "stopped_trials", "trial_models", "studies", "tuning_workplace"}
"""What a search remembers of earlier ones, and where other processes find that."""

FOLDERS = {"benchmark_runs", "failed_runs", "merged_runs", "hindsight_runs", "hindsight_failures", "tuning_trials"}
"""Outputs that are no versions: in these folders, finished runs and their failures are remembered."""


def outputs() -> set[str]:
    """Of all pipelines; without `FOLDERS`."""
    return set().union(*(pipeline.all_outputs() for pipeline in PIPELINES.values())) - FOLDERS


def test_every_output_is_a_versioned_crash_safe_dataset_in_a_layer(catalog):
    for name in outputs():
        dataset = catalog.get(name)
        assert isinstance(dataset, AbstractVersionedDataset), f"{name} is {type(dataset).__name__}"
        assert isinstance(dataset, CrashSafe), name
        assert dataset._version is not None, f"{name} is not versioned"
        assert dataset.metadata["kedro-viz"]["layer"], name


def test_no_two_datasets_share_a_path(catalog):
    paths = [catalog.get(name)._filepath for name in outputs()]
    assert len(set(paths)) == len(paths)


def test_every_parameter_is_configured(catalog):
    for pipeline in PIPELINES.values():
        for name in pipeline.inputs():
            if name.startswith("params:"):
                catalog.load(name)


def test_every_typed_parameter_is_configured_and_valid(catalog):
    parameters = catalog.load("parameters")
    for name, model in TYPED.items():
        model.model_validate(parameters[name])


TRAINED_PARTS = ("training_state", "checkpoints", "history", "validation", "model")
"""Of an algorithm: what it is trained, tuned and selected by."""


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_no_target_label_is_upstream_of_an_unsupervised_model(pipeline):
    """In any pipeline: neither the labels at the door nor anything that is made of them."""
    graph, made = PIPELINES[pipeline], PIPELINES[pipeline].all_outputs()
    for name in UNSUPERVISED:
        for dataset in made & {f"{name}.{part}" for part in TRAINED_PARTS}:
            found = ancestors(graph, dataset)
            assert not found & (TARGET_LABELS | made_of(graph, TARGET_LABELS)), dataset
            assert "target_train" in found, dataset
            assert {one for one in found & graph.inputs() if not one.startswith("params:")} <= {
                *KNOWN_WITHOUT_LABELS,
                *(f"{one}.earlier_state" for one in (name, ALGORITHMS[name].starts_from)),
            }


OF_SEARCH = {"tuning_trials", "study", "study_winner", "study_figure"}
"""The datasets that a search makes, its winner among them."""


@pytest.mark.parametrize("pipelines", [PIPELINES, UNLABELLED], ids=["labelled", "unlabelled"])
def test_no_target_label_is_upstream_of_a_search(pipelines):
    """Neither the raw labels, nor the datasets made of them, nor the accuracies that are looked at afterwards."""
    graph = pipelines["tune"]
    seen = TARGET_LABELS | made_of(graph, TARGET_LABELS)
    afterwards = {"benchmark_runs", "tuned", "hindsight_runs", "study_in_hindsight", "study_trust", "target_test"}
    assert afterwards <= seen, "so that the walk can fail"
    for dataset in OF_SEARCH:
        found = ancestors(graph, dataset)
        assert not found & seen, dataset
        read = {one for one in found & graph.inputs() if not one.startswith("params:")} - {"parameters"}
        assert read == {*KNOWN_WITHOUT_LABELS, "raw_proxy_photos", *MEMORY_OF_SEARCH}, dataset


def test_a_search_is_over_before_a_target_label_is_looked_at():
    graph = PIPELINES["tune"]
    for dataset in ("benchmark_runs", "study_in_hindsight", "study_trust"):
        assert "study_winner" in ancestors(graph, dataset)
    assert "tuned" in ancestors(graph, "study_in_hindsight"), "the other trials' come last"


def test_what_a_search_remembers_is_written_by_no_run_that_sees_target_labels(catalog):
    """The folders that it reads are its own: records of the benchmark have target test accuracies."""
    others = {name: str(catalog.get(name)._describe()["folder"]) for name in FOLDERS - {"tuning_trials"}}
    folders = {name: str(catalog.get(name)._describe()["folder"]) for name in MEMORY_OF_SEARCH - {"tuning_workplace"}}
    assert folders["finished_trials"] == str(catalog.get("tuning_trials")._describe()["folder"])
    assert not {*folders.values()} & {*others.values()}
    assert not {*catalog.get("tuning_workplace")._describe()["data"]} & TARGET_LABELS


@pytest.mark.parametrize("score", ["im", "proxy"])
@pytest.mark.parametrize("name", [name for name in UNSUPERVISED if not ALGORITHMS[name].is_bound])
def test_a_trial_runs_no_node_that_reads_target_labels(name, score):
    """With a proxy, ``target_labels`` holds the source's labels: `test_proxy.py`."""
    given = {*OF_TRIALS} - {"proxy_photos"} | ({"target_labels"} if score == "proxy" else set())
    unit = unit_pipeline(name, given, parts_of(score))
    assert unit.inputs() & TARGET_LABELS == ({"target_labels"} if score == "proxy" else set())
    read = {one for one in unit.inputs() if not one.startswith("params:") and not one.endswith(".earlier_state")}
    assert read <= given


SOURCE_FREE = [name for name, entry in ALGORITHMS.items() if entry.source_free]


@pytest.mark.parametrize("name", SOURCE_FREE)
def test_a_source_free_algorithm_reads_the_saved_model_and_the_target_alone(name):
    """Its training and the choice of its epoch: all that its own nodes read, on the way to its model."""
    graph, start = PIPELINES[name].to_outputs(f"{name}.model"), f"{ALGORITHMS[name].starts_from}.model"
    own = Pipeline([node for node in graph.nodes if node.namespace == name])
    data = {one for one in own.inputs() if not one.startswith("params:")}
    assert data == {start, "target_train", "target_validation", "format", f"{name}.earlier_state"}
    # Of the format, the names of the classes are the source's. Without it, no source is upstream of the target.
    known = Pipeline([node for node in graph.nodes if "format" not in node.outputs])
    for split in ("target_train", "target_validation"):
        assert not {one for one in ancestors(known, split) if "source" in one}
    assert {"raw_source", "source_train"} <= ancestors(graph, start), "so that the walk can fail"


def test_without_target_labels_nothing_that_learns_from_them_is_left():
    """In the environments that say so, its models, splits and bounds are gone; all else is as it was."""
    assert set(UNLABELLED) == set(PIPELINES) - {name for name in ALGORITHMS if name not in UNSUPERVISED}
    for name, pipeline in UNLABELLED.items():
        learned = {"target_train_labels", "target_few_labelled"}
        assert not learned & pipeline.datasets(), name
        assert not {node.namespace for node in pipeline.nodes} - {None, *UNSUPERVISED}, name
    kept = {node.name for node in UNLABELLED["all"].nodes}
    assert {node.name for node in PIPELINES["all"].nodes} - kept == {
        node.name for node in PIPELINES["all"].nodes if node.namespace in set(ALGORITHMS) - set(UNSUPERVISED)
    } | {"label_target_train", "label_few"}


def test_without_target_labels_no_label_is_upstream_of_a_model_either():
    graph = UNLABELLED["all"]
    seen = TARGET_LABELS | made_of(graph, TARGET_LABELS)
    for name in UNSUPERVISED:
        for part in TRAINED_PARTS:
            found = ancestors(graph, f"{name}.{part}")
            assert not found & seen
            assert "target_train" in found
    assert {"target_test", "dann.metrics"} <= seen, "so that the walk can fail"


def test_every_unsupervised_algorithm_is_looked_at():
    for name in UNSUPERVISED:
        assert {f"{name}.{part}" for part in TRAINED_PARTS} <= PIPELINES[name].all_outputs()
        assert {f"{name}.{part}" for part in TRAINED_PARTS} <= PIPELINES["all"].all_outputs()


def test_what_is_made_of_target_labels_is_known():
    """These are the splits with labels, and only those: so that the walk goes all the way."""
    splits = {name for name in PIPELINES["data"].all_outputs() if name.startswith(("source", "target"))}
    assert made_of(PIPELINES["data"], {"raw_target_labels"}) & splits == {
        "target_labels",
        "target_train_labels",
        "target_few_labelled",
        "target_test",
    }


def test_the_upper_bound_does_read_target_labels():
    """So that the test above can fail."""
    found = ancestors(PIPELINES["target_only"], "target_only.model")
    assert found & made_of(PIPELINES["data"], TARGET_LABELS) == {"target_labels", "target_train_labels"}


@pytest.mark.parametrize("name", [n for n, entry in ALGORITHMS.items() if entry.target_labels == "few"])
def test_a_few_label_model_knows_of_the_others_only_by_the_pick(name):
    model = ancestors(PIPELINES[name], f"{name}.model")
    labelled = {"target_labels", "target_few_labelled", "target_train_labels"}
    assert model & made_of(PIPELINES["data"], TARGET_LABELS) == labelled
    [train] = [node for node in PIPELINES[name].nodes if f"{name}.training_state" in node.outputs]
    assert not {"target_labels", "target_train_labels"} & set(train.inputs)


@pytest.mark.parametrize(
    ("dataset", "read"),
    [
        ("target_train", {"target_images"}),
        ("target_images", {"raw_target_images", "photos", "format"}),
        ("photos", {"raw_photos", "format"}),
    ],
)
def test_target_training_images_come_from_nodes_that_see_no_labels(dataset, read):
    """Not even the source's, which are those of the same digits; of these, ``format`` has the names of the classes."""
    [node] = [node for node in PIPELINES["data"].nodes if dataset in node.outputs]
    assert {name for name in node.inputs if not name.startswith("params:")} == read


def test_the_raw_target_images_are_without_labels(catalog):
    """In every environment: the dataset itself gives none."""
    assert catalog.get("raw_target_images")._part == "images"
    assert catalog.get("raw_target_labels")._part == "labels"
    assert set(SampleDigits(part="images").load()) == {"train_images", "test_images", "format"}
    assert set(SampleDigits(part="labels").load()) == {"train_labels", "test_labels", "format"}


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
