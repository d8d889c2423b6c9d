"""Runs are told of to a real MLflow server on loopback, with a SQLite store; without it, training goes on."""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import click
import pytest
from kedro.pipeline import Pipeline

from mnistm_da.hooks.tracking import TrackRun
from tracked_run import ABOUT, METRICS, PIPELINE, RESULT, TRIAL, catalog, run
from website.browser import free_port


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
