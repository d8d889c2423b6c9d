"""What a run says, from wherever it was started, and when it is stopped."""

import errno
import io
import logging
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.io import MemoryDataset
from rich.console import Console
from rich.table import Table

from mnistm_da import outside, terminal
from mnistm_da.adaptation.measures.percent import percent, percent_with_error
from mnistm_da.cli import stopping
from mnistm_da.datasets.artifacts import CSVDataset
from mnistm_da.datasets.raw import PictureFolder
from mnistm_da.hooks import summary
from mnistm_da.hooks.progress import TellProgress
from mnistm_da.project_paths import as_user_means, the_project

LINE = "epoch 12/20 · source_domain 0.700 · target_domain 0.709 · classification 2.008 · validation 83.7 % · 0:42 left"


def test_a_full_disk_under_the_output_is_told_once_and_stops_nothing(monkeypatch, capsys):
    class FullDisk(io.StringIO):
        def write(self, text):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(terminal, "get_console", lambda: Console(file=FullDisk()))
    for stream in (terminal.ConsoleStream(), terminal.ConsoleStream()):
        stream.write("epoch 1\n")
    assert (
        capsys.readouterr().err
        == "the output cannot be written (No space left on device): the run goes on without it\n"
    )


@pytest.mark.parametrize("is_terminal", [True, False])
def test_lines_are_broken_between_words_on_a_terminal_and_nowhere_in_a_file(is_terminal, monkeypatch):
    written = io.StringIO()
    console = Console(file=written, width=80, force_terminal=is_terminal, color_system=None)
    monkeypatch.setattr(terminal, "get_console", lambda: console)
    handler = logging.StreamHandler(terminal.ConsoleStream())
    path = "/a/very/long/path" * 8
    for message in (LINE, path, "[12/46] dann.evaluate [bold]", "two\nlines"):
        handler.emit(logging.LogRecord("mnistm_da", logging.INFO, "", 0, message, None, None))
    lines = written.getvalue().splitlines()
    assert lines[-4:] == [path, "[12/46] dann.evaluate [bold]", "two", "lines"]
    first = lines[:-4]
    assert len(first) == (2 if is_terminal else 1)
    assert " ".join(line.strip() for line in first) == LINE
    assert not is_terminal or max(map(len, first)) <= 80


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_table_fits_on_a_terminal_and_is_whole_in_a_file(is_terminal, monkeypatch):
    written = io.StringIO()
    console = Console(file=written, width=40, force_terminal=is_terminal, color_system=None)
    monkeypatch.setattr(terminal, "get_console", lambda: console)
    heads = ("target calibration error", "training seconds", "target macro-F1")
    table = Table(*heads)
    table.add_row("7.3", "1", "33.4")
    terminal.show(table)
    lines = written.getvalue().splitlines()
    assert (max(map(len, lines)) <= 40) is is_terminal
    assert any(all(head in line for head in heads) for line in lines) is not is_terminal


@pytest.mark.parametrize(
    ("share", "count", "written"),
    [
        (0.8412, 1_000, "84.1 ± 1.2"),
        (0.28, 450, "28.0 ± 2.1"),
        (0.93654, 10_000, "93.65 ± 0.24"),
        (0.9365, 9_999, "93.7 ± 0.2"),
        (1.0, 1_000, "100.0"),
        (0.5, 1, "50.0 ± 50.0"),
    ],
)
def test_an_accuracy_has_the_decimals_of_its_test_images_and_its_error(share, count, written):
    assert percent_with_error(share, count) == written
    assert percent(share, count) == written.split(" ")[0]


def test_a_dataset_of_ones_own_without_a_layer_does_not_end_the_summary(tmp_path):
    plain = CSVDataset(filepath=str(tmp_path / "mine.csv"))
    assert summary._for_people(plain) is None
    assert summary._for_people(MemoryDataset(1)) is None


@pytest.mark.parametrize(
    ("env", "commands"),
    [
        (None, ["kedro run --pipelines=report", "make viz KEDRO_ENV=local"]),
        ("full_length", ["kedro run --pipelines=report --env=full_length", "make viz KEDRO_ENV=full_length"]),
    ],
)
def test_the_commands_at_the_end_are_of_the_environment_that_ran(env, commands):
    assert [line.partition(":")[2].strip() for line in summary._commands(env, {})] == commands


@pytest.mark.parametrize(
    ("typed", "resumed"),
    [
        ([], "kedro run --params=resume=true"),
        (
            ["--pipeline=dann", "--params=a=1", "-e", "sample"],
            "kedro run --pipeline=dann --params=a=1,resume=true -e sample",
        ),
        (["--params", "a=1"], "kedro run --params a=1,resume=true"),
        (["--params=a=0 1"], "kedro run '--params=a=0 1,resume=true'"),
        (["--params=resume=true"], "kedro run --params=resume=true"),
        (["--params="], "kedro run --params=resume=true"),
    ],
)
def test_a_stopped_training_is_told_with_the_command_that_resumes_it(typed, resumed):
    progress = TellProgress()
    assert stopping.told(progress, "kedro run", typed) == "stopped before the first node: nothing was run"
    progress._numbers = {"dann.train": 8, "dann.evaluate": 35}
    progress.node, progress.epochs = "dann.train", (5, 60)
    assert stopping.told(progress, "kedro run", typed) == f"stopped after epoch 5 of 60; go on with {resumed}"
    progress.epochs = None
    assert stopping.told(progress, "kedro run", ["--only-stale"]).endswith("go on with kedro run --only-stale")


@pytest.mark.parametrize(
    ("program", "started"),
    [
        ("kedro", "kedro run"),
        ("python -m kedro.python -m kedro", "python -m kedro run"),  # what click makes of Kedro's own spelling
    ],
)
def test_the_command_that_goes_on_is_spelled_as_it_was_started(program, started):
    context = click.Context(
        click.Command("run"), info_name="run", parent=click.Context(click.Group(), info_name=program)
    )
    assert stopping.command(context) == started


def test_ctrl_c_while_all_is_imported_shows_no_place_in_it(capsys):
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt as error:
        outside._stopped(KeyboardInterrupt, error, error.__traceback__)
    assert capsys.readouterr().err == "stopped\n"
    outside._stopped(ValueError, ValueError("a fault"), None)
    assert "ValueError: a fault" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("runner", "number", "told"),
    [
        ("SequentialRunner", signal.SIGINT, r"stopped after epoch \d+ of 500; go on with .* --params=.*,resume=true"),
        ("ParallelRunner", signal.SIGTERM, r"stopped while nodes ran in parallel; go on with .* --only-stale"),
    ],
)
def test_a_stopped_run_ends_with_one_line(runner, number, told, project):
    """And takes its workers along: they hold the pipe that is read to its end."""
    command = [sys.executable, "-m", "kedro", "run", "--pipelines=source_only", "--env=sample", f"--runner={runner}"]
    params = "--params=training.epochs=500,training.batch_size=256,network.width=4"
    with subprocess.Popen(
        [*command, params],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as run:
        assert any("epoch 2/500" in line for line in run.stdout)
        run.send_signal(number)
        _, error = run.communicate(timeout=120)
    assert run.returncode == stopping.EXIT_CODE
    assert re.fullmatch(told, error.strip()), error
    assert "go on with python -m kedro run --pipelines=source_only --env=sample" in error


def test_a_run_from_a_sub_folder_is_logged_and_saved_as_from_the_project(project, kedro):
    done = kedro("run", "--nodes=ingest_source", "--env=sample", cwd=project / "notebooks")
    assert done.returncode == 0, done.stdout + done.stderr
    begins = [line for line in done.stdout.splitlines() if "ingest_source" in line]
    assert re.fullmatch(r"\d\d:\d\d:\d\d \[1/1\] ingest_source", begins[0])
    assert "Loading data" not in done.stdout
    assert not (project / "notebooks/data").exists()
    assert list((project / "data/sample").glob("*/source.safetensors/*/source.safetensors"))


def test_every_place_in_the_catalog_is_in_the_project_wherever_one_starts(root, tmp_path, monkeypatch):
    for start in (root / "notebooks", tmp_path):
        monkeypatch.chdir(start)
        bootstrap_project(root)
        with KedroSession.create(project_path=root, env="base") as session:
            catalog = session.load_context().catalog
        names = {name for pipeline in pipelines.values() for name in pipeline.datasets() if "params:" not in name}
        for name in names - {"parameters", "user_pictures", "raw_proxy_photos"}:  # the last ship inside a library
            dataset = catalog.get(name)
            if hasattr(dataset, "reads"):  # other entries
                continue
            place = Path(getattr(dataset, "_folder", None) or dataset._filepath)
            assert place.is_absolute(), name
            assert place.is_relative_to(root), name


def test_what_a_user_names_is_beside_where_the_command_was_started_else_in_the_project(project, tmp_path, monkeypatch):
    folder = project / "notebooks/my scans"
    folder.mkdir(exist_ok=True)
    monkeypatch.chdir(project / "notebooks")
    assert the_project() == project
    assert as_user_means(Path("my scans")).resolve() == folder
    assert as_user_means(Path("docs/pictures")) == project / "docs/pictures"
    assert as_user_means(Path("nowhere")) == Path("nowhere")
    assert as_user_means(tmp_path) == tmp_path
    assert as_user_means(Path("~nobody-of-this-name/a")) == Path("~nobody-of-this-name/a")
    assert PictureFolder(folder="my scans").load().resolve() == folder
    assert PictureFolder(folder=folder.as_uri()).load() == folder
    monkeypatch.chdir(folder)
    assert PictureFolder(folder=".").load() == folder
    assert PictureFolder(folder="").load() == PictureFolder(folder=None).load() == Path()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Exception, match="is not in a Kedro project"):
        the_project()
