"""A mistake in a command is one message: it names the fault and the cure, before any node runs."""

import os
import socket
import sys
from importlib import import_module

import pytest
import rich
from click.testing import CliRunner

from mistaken_commands import DANN, MISTAKES, TUNE
from one_message import NODE, check


@pytest.fixture(scope="module")
def command(project, root):
    """Run a command line in this process; the commands of the project are loaded once."""
    from kedro.framework.cli.cli import KedroCLI
    from kedro.framework.startup import bootstrap_project

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [*sys.path])
        patch.setenv("PYTHONPATH", os.environ.get("PYTHONPATH", ""))
        patch.setattr(rich.get_console(), "width", 200)
        patch.chdir(project)
        kedro = KedroCLI(project)
        yield lambda arguments: CliRunner().invoke(kedro, arguments)
    bootstrap_project(root)


@pytest.mark.parametrize(("line", "message"), MISTAKES, ids=[str(line) for line, _ in MISTAKES])
def test_a_mistake_is_one_message_before_any_node_runs(line, message, command, project):
    done = command(line.split() if isinstance(line, str) else line)
    assert isinstance(done.exception, SystemExit), done.exception
    check(done.output, done.exit_code, message)
    assert not list(project.glob("data/*/.runs/*.json")), "nothing ran, so prune has nothing to spare"


def test_a_message_has_as_few_lines_on_a_narrow_terminal(command, monkeypatch):
    monkeypatch.setattr(rich.get_console(), "width", 80)
    done = command(f"{TUNE} --params=tune.algorithm=mme".split())
    check(done.output, done.exit_code, "'tune.algorithm': 'mme' is no unsupervised adaptation. Those are mmd")


@pytest.mark.parametrize("text", ["seed: [1", "training: {batch_size: 64", "- a list", "seed: 1\n---\nseed: 2"])
def test_a_damaged_file_of_parameters_is_one_message(text, command, project):
    path = project / "conf/local/parameters_mine.yml"
    path.write_text(text)
    try:
        done = command(["status", "--pipelines=data"])
    finally:
        path.unlink()
    check(done.output, done.exit_code, "the configuration cannot be read")


def test_an_unknown_name_in_a_file_of_parameters_is_told(command, project):
    path = project / "conf/local/parameters_mine.yml"
    path.write_text("traning: {epochs: 3}")
    try:
        done = command(["status", "--pipelines=data"])
    finally:
        path.unlink()
    check(done.output, done.exit_code, "no parameter 'traning'. Did you mean 'training'?")


def test_a_version_of_what_the_run_makes_is_refused(command, project):
    """Kedro would make another one and then be unable to load the one that was named."""
    made = command(["run", "--pipelines=data", "--env=sample", "--nodes=ingest_source"])
    assert made.exit_code == 0, made.output
    assert NODE.search(made.output)  # as a mistaken run must not print
    version = next((project / "data/sample/03_primary/source.safetensors").iterdir()).name
    done = command(f"{DANN} --load-versions=source:{version}".split())
    check(done.output, done.exit_code, "this run makes 'source' itself (in ingest_source)")


@pytest.mark.parametrize("module", ["serve", "site"])
def test_kedro_viz_names_a_wrong_environment_and_a_missing_project(module, project, tmp_path, monkeypatch):
    main = import_module(f"mnistm_da.viz.{module}").main
    monkeypatch.chdir(project)
    done = CliRunner().invoke(main, ["--env=smaple"])
    check(done.output, done.exit_code, "no environment 'smaple'. Did you mean 'sample'?")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["--env=sample"])
    check(done.output, done.exit_code, "is not in a Kedro project")


def test_a_port_that_is_taken_is_told_before_any_address(project, monkeypatch):
    monkeypatch.chdir(project)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = CliRunner().invoke(import_module("mnistm_da.viz.serve").main, [f"--port={port}", "--no-browser"])
    check(done.output, done.exit_code, f"port {port} cannot be used (Address already in use)")
    assert f"make viz VIZ_PORT={port % 65535 + 1}" in done.output
