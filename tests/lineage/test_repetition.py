"""Plans of runs that make a version again, from records alone."""

import pytest
from kedro.io import DatasetError
from kedro.pipeline import Pipeline, node

from mnistm_da.lineage import versions
from mnistm_da.lineage.repetition import Run, plan, unlike
from small_project import PIPELINE

PIPELINES = {
    "__default__": PIPELINE,
    "first": PIPELINE.only_nodes("cut"),
    "other": Pipeline([node(len, "picture", "length", name="measure")]),
}


def step(name, node, threads=None, **parameters):
    facts = {"threads": threads} if threads else {}
    return name, "v1", {"content": name, "node": node, "parameters": parameters, "facts": facts}


def test_one_run_makes_what_one_run_made(project):
    project.run("v1")
    [run] = plan(versions.chain("picture", "v1", project.catalog()), PIPELINES)
    parameters = {"size": {"width": 3, "height": 1}, "left": 1, "colour": "red"}
    assert run == Run("__default__", ["cut", "scale", "turn", "join", "draw"], parameters)


def test_another_value_pipeline_or_number_of_threads_needs_another_run():
    steps = [
        step("cut", "cut", width=1),
        step("left", "scale", by=1),
        step("right", "turn", width=2),
        step("both", "join", threads=2),
        step("picture", "draw", threads=3, colour="red"),
        step("length", "measure"),
    ]
    assert plan(steps, PIPELINES) == [
        Run("__default__", ["cut", "scale"], {"width": 1, "by": 1}),
        Run("__default__", ["turn", "join"], {"width": 2}, 2),
        Run("__default__", ["draw"], {"colour": "red"}, 3),
        Run("other", ["measure"], {}),
    ]


def test_older_records_tell_the_threads_in_words():
    name, version, record = step("cut", "cut")
    [run] = plan([(name, version, record | {"facts": {"device": "cpu (6 threads)"}})], PIPELINES)
    assert run.threads == 6


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([("cut", "v1", {"content": "1"})], "outside of a run"),
        (
            [("left", "v1", {"content": "1", "inputs": {"cut": {"version": "v0"}}})],
            "from 'cut' of v0, whose record is gone",
        ),
        ([step("cut", "shred")], "no node 'shred' any more"),
        ([step("cut", "cut"), ("cut", "v2", {"content": "other", "node": "cut"})], "several versions of 'cut'"),
    ],
)
def test_what_cannot_be_made_again_is_told(steps, said):
    with pytest.raises(DatasetError, match=said):
        plan(steps, PIPELINES)


def test_what_is_unlike_is_named():
    then = {"facts": {"threads": 2, "machine": "x"}, "libraries": {"torch": "1"}, "code": {"a.py": "1", "b.py": "1"}}
    now = {"facts": {"threads": 1, "machine": "x"}, "libraries": {"torch": "2"}, "code": {"a.py": "2", "b.py": "1"}}
    assert list(unlike(then, now)) == ["threads 2 → 1", "torch 1 → 2", "code changed in a.py"]
    assert list(unlike(then, then)) == []
