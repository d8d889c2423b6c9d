"""What the Workflow view tells of generators: how long they took, and that they broke."""

import json
import os
import time

import pytest
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Pipeline, node
from kedro.runner import SequentialRunner
from kedro_viz.api.rest.responses.run_events import get_run_status_response
from kedro_viz.integrations.kedro.hooks_utils import hash_node
from kedro_viz.integrations.kedro.run_hooks import PipelineRunStatusHook

from mnistm_da.viz.workflow import TellWorkflow


def epochs(start):
    for epoch in range(3):
        time.sleep(0.05)
        yield start + epoch


def breaks(start):
    yield start
    raise FloatingPointError("training diverged")


def double(state):
    return 2 * state


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a generator and a node after it, as a Kedro session does, and give what kedro-viz says of it."""
    (tmp_path / "pyproject.toml").write_text("[tool.kedro]")
    monkeypatch.chdir(tmp_path)

    class Context:
        project_path = tmp_path

    def run(function):
        nodes = [node(function, "start", "state", name="train"), node(double, "state", "total", name="after")]
        catalog = DataCatalog({"start": MemoryDataset(1.0), "state": MemoryDataset(), "total": MemoryDataset()})
        manager = _create_hook_manager()
        for hook in (TellWorkflow(), PipelineRunStatusHook()):
            manager.register(hook)
        manager.hook.after_context_created(context=Context())
        pipeline = Pipeline(nodes)
        shared = {"run_params": {}, "pipeline": pipeline, "catalog": catalog}
        manager.hook.before_pipeline_run(**shared)
        try:
            SequentialRunner().run(pipeline, catalog, manager)
        except FloatingPointError as error:
            manager.hook.on_pipeline_error(error=error, **shared)
        else:
            manager.hook.after_pipeline_run(run_result={}, **shared)
        found = get_run_status_response()
        return {made.name: found.nodes.get(hash_node(made)) for made in nodes}, found

    return run


def test_a_generator_takes_as_long_as_its_last_save(run):
    nodes, found = run(epochs)
    assert 0.15 < nodes["train"].duration < found.pipeline.duration + 0.05
    assert {made.status.value for made in nodes.values()} == {"success"}


def test_a_generator_that_broke_is_the_one_that_failed(run):
    nodes, found = run(breaks)
    assert nodes["train"].status.value == "failed"
    assert nodes["train"].error.message == "training diverged"
    assert "breaks" in nodes["train"].error.traceback
    assert nodes["after"] is None
    assert found.pipeline.status.value == "failed"


def test_the_record_of_another_run_is_left_alone(run, tmp_path):
    run(epochs)
    events = tmp_path / ".viz/kedro_pipeline_events.json"
    before = events.read_bytes()
    hook = TellWorkflow()
    hook._events = events
    hook.before_pipeline_run()
    hook._seconds = {"train": 99.0}
    hook.after_pipeline_run()
    assert events.read_bytes() == before


def test_the_record_of_this_run_is_corrected_though_its_files_clock_is_behind(run, tmp_path):
    run(epochs)
    hook = TellWorkflow()
    hook._events = tmp_path / ".viz/kedro_pipeline_events.json"
    hook.before_pipeline_run()
    began = time.time()
    os.utime(hook._events, (began - 0.01, began - 0.01))  # as kedro-viz's write at once would have it
    hook._seconds = {"train": 99.0}
    hook.after_pipeline_run()
    assert 99.0 in [event.get("duration") for event in json.loads(hook._events.read_text())]
