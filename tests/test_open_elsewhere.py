"""What opens the notebooks on other machines: Binder's steps, the development container, and the addresses of both.

None of these is built here: that needs a container builder, see docs/notebooks.md.
"""

import json
import os
import re
import subprocess
import sys
import tomllib

import pytest

from conftest import ROOT
from website.elsewhere import with_buttons

PAGE = ROOT / "docs/notebooks.md"


@pytest.fixture(scope="module")
def python():
    """The Python of the lock: the oldest that the project works with."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return pyproject["project"]["requires-python"].removeprefix(">=")


def command(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(0o755)


def test_binder_installs_what_make_does_and_gives_jupyter_its_kernel(tmp_path, python):
    """The long commands are recorded in place of being run; the kernel is installed in earnest."""
    for name in ("commands/make", ".venv/bin/kedro"):
        command(tmp_path / name, f'echo "{name.rpartition("/")[2]} $*" >> "{tmp_path}/called"')
    command(tmp_path / "commands/python3", f'echo "{tmp_path}/jupyter"')
    command(tmp_path / ".venv/bin/python", f'exec "{sys.executable}" "$@"')
    environment = os.environ | {"PATH": f"{tmp_path}/commands:{os.environ['PATH']}"}
    subprocess.run([ROOT / "binder/postBuild"], cwd=tmp_path, env=environment, check=True, capture_output=True)
    called = (tmp_path / "called").read_text().splitlines()
    assert called == ["make setup PYTHON=python3", "kedro run --pipelines=dann --env=sample"]
    [kernel] = tmp_path.glob("jupyter/share/jupyter/kernels/python3/kernel.json")  # the name that the notebooks ask for
    assert json.loads(kernel.read_text())["argv"][0] == sys.executable
    assert (ROOT / "binder/runtime.txt").read_text() == f"python-{python}\n"


def test_the_development_container_makes_the_project(python):
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())
    file = (ROOT / ".devcontainer" / container["build"]["dockerfile"]).read_text()
    assert re.findall(r"^FROM (\S+)$", file, re.MULTILINE) == [f"python:{python}-slim-bookworm"]
    assert f" {container['remoteUser']}\n" in file
    program, target = container["onCreateCommand"].split()
    assert program == "make"
    assert f"\n{target}: " in (ROOT / "Makefile").read_text()


def test_the_page_names_every_notebook():
    there = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert set(re.findall(r"^\| `(\w+\.ipynb)`", PAGE.read_text(), re.MULTILINE)) == there


def test_the_published_page_has_buttons_with_the_name_of_its_repository(monkeypatch):
    text = PAGE.read_text()
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    assert with_buttons(text) == text
    monkeypatch.setenv("GITHUB_REPOSITORY", "somebody/digits")
    page = with_buttons(text)
    assert "[Open](https://mybinder.org/v2/gh/somebody/digits/HEAD?urlpath=lab/tree/notebooks){ .md-button }" in page
    assert page.count("[Open](https://") == 3
    assert "clone --quiet --depth 1 https://github.com/somebody/digits project" in page
