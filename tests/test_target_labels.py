"""What an unsupervised model, and the search for its parameters, can know of target labels: the graph is walked."""

import pytest
from kedro.pipeline import Pipeline

from mnistm_da.adaptation.registry import ALGORITHMS, trained_in_order
from mnistm_da.datasets.raw import SampleDigits
from mnistm_da.pipelines.benchmark.unit import unit_pipeline
from mnistm_da.pipelines.ingestion import TARGET_LABELS
from mnistm_da.pipelines.tuning.pipeline import OF_TRIALS
from mnistm_da.pipelines.tuning.trial import parts_of
from project_graph import (
    FOLDERS,
    KNOWN_WITHOUT_LABELS,
    MEMORY_OF_SEARCH,
    PIPELINES,
    UNLABELLED,
    UNSUPERVISED,
    ancestors,
    made_of,
)

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
                *(f"{one}.earlier_state" for one in trained_in_order(name)),
            }


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


def test_the_raw_target_images_are_without_labels(project_catalog):
    """In every environment: the dataset itself gives none."""
    assert project_catalog.get("raw_target_images")._part == "images"
    assert project_catalog.get("raw_target_labels")._part == "labels"
    assert set(SampleDigits(part="images").load()) == {"train_images", "test_images", "format"}
    assert set(SampleDigits(part="labels").load()) == {"train_labels", "test_labels", "format"}


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


def test_what_a_search_remembers_is_written_by_no_run_that_sees_target_labels(project_catalog):
    """The folders that it reads are its own: records of the benchmark have target test accuracies."""
    others = {name: str(project_catalog.get(name)._describe()["folder"]) for name in FOLDERS - {"tuning_trials"}}
    folders = {
        name: str(project_catalog.get(name)._describe()["folder"]) for name in MEMORY_OF_SEARCH - {"tuning_workplace"}
    }
    assert folders["finished_trials"] == str(project_catalog.get("tuning_trials")._describe()["folder"])
    assert not {*folders.values()} & {*others.values()}
    assert not {*project_catalog.get("tuning_workplace")._describe()["data"]} & TARGET_LABELS


@pytest.mark.parametrize("score", ["im", "proxy"])
@pytest.mark.parametrize("name", [name for name in UNSUPERVISED if not ALGORITHMS[name].is_bound])
def test_a_trial_runs_no_node_that_reads_target_labels(name, score):
    """With a proxy, ``target_labels`` holds the source's labels: `test_proxy.py`."""
    given = {*OF_TRIALS} - {"proxy_photos"} | ({"target_labels"} if score == "proxy" else set())
    unit = unit_pipeline(name, given, parts_of(score))
    assert unit.inputs() & TARGET_LABELS == ({"target_labels"} if score == "proxy" else set())
    read = {one for one in unit.inputs() if not one.startswith("params:") and not one.endswith(".earlier_state")}
    assert read <= given
