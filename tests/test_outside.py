"""A command in a folder that is no project."""

import os
import subprocess
import sys
import tomllib

import click
import pytest

from mnistm_da.environments import check_environment
from one_message import check


@pytest.mark.parametrize("line", ["run --pipelines=dann", "status", "lineage source"])
def test_a_folder_that_is_no_project_is_told(line, root, tmp_path):
    """In a separate process, with the entry point as an installation registers it."""
    entry_points = tomllib.loads((root / "pyproject.toml").read_text())["project"]["entry-points"]
    registered = tmp_path / "installed/mnistm_da-1.dist-info"
    registered.mkdir(parents=True)
    (registered / "METADATA").write_text("Metadata-Version: 2.1\nName: mnistm_da\nVersion: 1\n")
    lines = [
        f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in named.items()) for group, named in entry_points.items()
    ]
    (registered / "entry_points.txt").write_text("\n".join(lines))
    (tmp_path / "elsewhere").mkdir()
    path = os.pathsep.join([str(registered.parent), str(root / "src")])
    done = subprocess.run(
        [sys.executable, "-m", "kedro", *line.split()],
        cwd=tmp_path / "elsewhere",
        env=os.environ | {"PYTHONPATH": path, "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    check(done.stderr, done.returncode, "is not in a Kedro project")


def test_the_package_run_outside_of_a_project_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(click.UsageError, match="is not in a Kedro project"):
        check_environment(tmp_path / "conf", None)
