"""Runs are told of to a real MLflow server on loopback, with a SQLite store; without it, training goes on."""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import click
import numpy as np
import pytest
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DataCatalog, MemoryDataset, Version
from kedro.pipeline import Pipeline, node
from kedro.runner import SequentialRunner
from pydantic import ValidationError

from mnistm_da import extras
from mnistm_da.datasets.artifacts import JSONDataset
from mnistm_da.hooks.mlflow_runs import first_line, without_password
from mnistm_da.hooks.tracking import TrackRun
from mnistm_da.lineage.trace import TraceRun
from mnistm_da.parameters import TrackingParams
from website.browser import free_port

METRICS = {"algorithm": "dann", "seed": 3, "epochs": 2, "target_test": {"accuracy": 0.75, "confusion_matrix": [[3, 1]]}}
RESULT = METRICS | {
    "parameters": {"dann": {"weight": 1.0}},
    "code": {"registry.py": "0"},
    "data": {"source": 1},
    "made_with": {"commit": "abc", "libraries": {"torch": "2"}, "processor": {"machine": "abacus"}},
    "judged": {"epoch": [1, 2], "im": [0.5, None], "target_test_accuracy": [0.5, 0.75]},
    "timing": {"epochs": [2.0, 1.0]},
}

TRIAL = {key: RESULT[key] for key in ("algorithm", "seed", "code", "data")} | {
    "study": "dann.study.x",
    "number": 1,
    "parameters": {"dann": {"weight": 2.0}},
    "made_with": {"commit": "abc", "libraries": {"torch": "2"}},
    "state": "pruned",
    "curve": {"1": 0.5, "2": 0.25},
    "score": None,
    "guard": None,
    "epoch": None,
    "seconds": 9.0,
}


def state(*losses):
    """A training's state after so many epochs, as far as it is told of."""
    rows = [{"epoch": epoch, "seconds": 1.0, "loss/domain": loss} for epoch, loss in enumerate(losses, start=1)]
    return {"history": np.frombuffer(json.dumps(rows).encode(), dtype=np.uint8)}


def train(params):
    yield state(0.7)
    yield state(0.7, 0.6)


def evaluate(training_state, break_off):
    if break_off:
        raise ValueError("broken off")
    return METRICS


def catalog(folder, uri, *, name="mlflow", break_off=False):
    made = DataCatalog({"dann.training_state": MemoryDataset(copy_mode="assign")})
    made["dann.metrics"] = JSONDataset(filepath=str(folder / "dann.metrics.json"), version=Version(None, "v1"))
    tracking = {"name": name, "uri": uri, "experiment": "digits"}
    for key, value in {"dann": {"weight": 1.0}, "tracking": tracking, "break_off": break_off}.items():
        made[f"params:{key}"] = MemoryDataset(value)
    return made


PIPELINE = Pipeline(
    [
        node(train, "params:dann", "dann.training_state", name="train", namespace="dann"),
        node(evaluate, ["dann.training_state", "params:break_off"], "dann.metrics", name="score", namespace="dann"),
    ]
)
ABOUT = {"run_id": "v1", "env": "sample", "pipeline_names": ["dann"]}


def run(hook, of, between=lambda: None):
    """Run the pipeline with the hooks of lineage and tracking, as Kedro's session does."""
    trace, hooks = TraceRun("mnistm_da"), _create_hook_manager()
    hook.before_pipeline_run(ABOUT, PIPELINE, of)
    between()
    for one in (trace, hook):
        hooks.register(one)
    try:
        SequentialRunner().run(PIPELINE, of, hooks)
    except ValueError:
        hook.on_pipeline_error(PIPELINE, of)
        raise
    hook.after_pipeline_run(PIPELINE, of)


@contextmanager
def serving(folder):
    """Start an MLflow server and give its address and process."""
    port = free_port()
    line = f"-m mlflow server --host=127.0.0.1 --port={port} --workers=1 --backend-store-uri=sqlite:///{folder}/runs.db"
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, *line.split()],
            cwd=folder,
            env=os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 600  # it is mostly imports
        while not is_open(port):
            assert server.poll() is None and time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}", server
    finally:
        stop(server)


def stop(server):
    """End the server with the processes that it started."""
    if server.poll() is None:
        os.killpg(server.pid, 9)
        server.wait()


def is_open(port):
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def asked(monkeypatch):
    """The hosts that this process asks."""
    hosts, look_up = set(), socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *more, **named: hosts.add(host) or look_up(host, *more, **named)
    )
    return hosts


def test_a_run_is_told_of_and_a_server_that_goes_away_stops_nothing(tmp_path, asked, caplog, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "60")  # on a busy machine
    with serving(tmp_path) as (uri, server):
        from mlflow.tracking import MlflowClient

        hook, of = TrackRun(), catalog(tmp_path, uri)
        run(hook, of)
        client = MlflowClient(uri)
        where = client.get_experiment_by_name("digits").experiment_id
        [told] = client.search_runs([where])
        assert (told.info.run_name, told.info.status) == ("dann", "FINISHED")
        assert told.data.params == {"dann.weight": "1.0", "break_off": "False"}
        losses = client.get_metric_history(told.info.run_id, "loss/domain")
        assert [(one.step, one.value) for one in losses] == [(1, 0.7), (2, 0.6)]
        assert told.data.metrics["target_test/accuracy"] == 0.75
        saved = tmp_path / "dann.metrics.json/v1/dann.metrics.json"
        record = json.loads(saved.with_name(f"{saved.name}.lineage.json").read_text())
        assert told.data.tags["artifact.metrics"] == saved.as_uri()
        assert told.data.tags["content.metrics"] == record["content"]
        assert told.data.tags.get("lineage.commit") == record["commit"]  # None outside of git
        assert f"torch={record['libraries']['torch']}" in told.data.tags["lineage.libraries"]
        assert told.data.tags["kedro.run"] == "v1"
        assert client.list_artifacts(told.info.run_id) == [], "links, no copies"

        hook.before_pipeline_run(ABOUT, Pipeline([]), of)
        hook.after_dataset_saved("benchmark_runs", {"dann.seed3.x": RESULT})
        hook.after_pipeline_run(Pipeline([]), of)
        [unit] = client.search_runs([where], filter_string="attributes.run_name = 'dann.seed3.x'")
        assert unit.data.params == {"algorithm": "dann", "seed": "3", "dann.weight": "1.0"}
        judged = client.get_metric_history(unit.info.run_id, "judged/target_test_accuracy")
        assert [(one.step, one.value) for one in judged] == [(1, 0.5), (2, 0.75)]
        assert unit.data.tags["lineage.machine"] == "abacus"
        assert unit.info.status == "FINISHED"

        with pytest.raises(ValueError, match="broken off"):
            run(hook, catalog(tmp_path / "broken", uri, break_off=True))
        assert client.search_runs([where])[0].info.status == "FAILED"
        hook.before_pipeline_run(ABOUT, PIPELINE, of)
        hook._end("KILLED")  # as it is registered for the end of the process
        assert client.search_runs([where])[0].info.status == "KILLED"
        hook.before_pipeline_run(ABOUT, Pipeline([]), of)
        hook.after_dataset_saved("tuning_trials", {"dann.study.x.0001": TRIAL})
        [trial] = client.search_runs([where], filter_string="attributes.run_name = 'dann.study.x.0001'")
        assert trial.data.params == {"algorithm": "dann", "seed": "3", "number": "1", "dann.weight": "2.0"}
        assert (trial.data.tags["state"], trial.data.metrics) == ("pruned", {"validated/score": 0.25, "seconds": 9.0})
        assert caplog.text.count("failed (") == 0

        monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "2")
        gone = catalog(tmp_path / "gone", uri)
        run(hook, gone, between=lambda: stop(server))
        assert gone.load("dann.metrics") == METRICS
        assert caplog.text.count("it is told nothing more of this run, which goes on") == 1
        with pytest.raises(click.UsageError, match=r"tracking\.uri: MLflow does not answer at http://127\.0\.0\.1"):
            hook.before_pipeline_run(ABOUT, PIPELINE, gone)
    assert asked == {"127.0.0.1"}


class Runs:
    """Notes what MLflow would be told."""

    uri = "http://127.0.0.1:5000"

    def __init__(self, *names):
        self.names, self.told = list(names), []

    def begin(self, name, parameters, tags):
        self.told.append(("begin", name))

    def measure(self, name, rows):
        self.told.append(("measure", name))

    def end(self, name, status):
        self.told.append((status, name))


def listening(*names):
    """Give a hook in the middle of a run, and what it tells."""
    hook, runs = TrackRun(), Runs(*names)
    hook._runs, hook._process = runs, os.getpid()
    return hook, runs.told


@pytest.mark.parametrize(
    ("dataset", "result", "status"),
    [
        ("benchmark_runs", RESULT, "FINISHED"),
        ("hindsight_runs", RESULT, "FINISHED"),
        ("tuning_trials", TRIAL, "FINISHED"),
        ("tuning_trials", TRIAL | {"state": "failed", "curve": {}, "seconds": None, "reason": "inf"}, "FAILED"),
    ],
)
def test_units_and_trials_are_told_of(dataset, result, status):
    hook, told = listening()
    hook.after_dataset_saved(dataset, {"x": result})
    assert (told[0], told[-1]) == (("begin", "x"), (status, "x"))


def test_a_run_that_was_interrupted_is_ended_when_the_next_one_begins(tmp_path):
    """Of an interrupt in a notebook, no hook is told."""
    hook, told = listening("dann")
    hook.before_pipeline_run(ABOUT, PIPELINE, catalog(tmp_path, None, name="none"))
    assert told == [("KILLED", "dann")]


def test_by_default_nothing_is_told(tmp_path):
    hook, of = TrackRun(), catalog(tmp_path, None, name="none")
    run(hook, of)
    assert of.load("dann.metrics") == METRICS
    assert hook._runs is None


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(extras.EXTRAS, "tracking", ("not_installed",))
    with pytest.raises(
        ValidationError, match=r"tracking=mlflow needs not_installed: pip install 'mnistm-da\[tracking\]'"
    ):
        TrackingParams(name="mlflow")


def test_a_password_is_not_written_down():
    assert without_password("https://ann:secret@host:5000/x") == "https://host:5000/x"
    assert without_password("sqlite:///runs.db") == "sqlite:///runs.db"
    assert "cret" not in first_line(ValueError("cannot reach (https://ann:se@cret@host/) today\nmore"))
