"""What a wheel holds, the project that `mnistm-da new` writes of it, and the message where an extra is missing."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from hatchling.builders.wheel import WheelBuilder
from kedro.utils import is_kedro_project
from packaging.requirements import Requirement

from conftest import ROOT, clone
from mnistm_da import __version__, new_project
from mnistm_da.extras import EXTRAS
from mnistm_da.viz import serve, site
from one_message import check

FILES = "mnistm_da/new_project/files/"
PAGES = ("cluster.md", "estimates.md", "object_store.md", "other_settings.md", "own_pictures.md", "own_pictures.png")
PAGES += ("tuning.md", "tuning_runs.json")
PAGES += ("partial_runs.json", "several_runs.json")
SECRETS = ("conf/local/credentials.yml", "conf/local/deep/globals.yml", "data/sample/03_primary/x.json", ".viz/x.json")
"""What git ignores in a project that somebody works in."""


@pytest.fixture(scope="module")
def pyproject():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> dict[str, Path]:
    """The files that a wheel would hold, by their place in it: of a clone that has been worked in."""
    here = clone(tmp_path_factory.mktemp("repository"))
    for name in SECRETS:
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text("secret")
    found = WheelBuilder(str(here)).recurse_included_files()
    return {file.distribution_path: Path(file.path) for file in found}


@pytest.fixture
def installed(wheel, tmp_path, monkeypatch):
    """The files of a new project as a wheel brings them."""
    files = tmp_path / "installed"
    for name, path in wheel.items():
        if name.startswith(FILES):
            target = files / name.removeprefix(FILES)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    monkeypatch.setattr(new_project, "FILES", files)
    return files


def new(folder):
    return CliRunner().invoke(new_project.main, ["new", str(folder)])


def test_a_wheel_holds_the_package_and_what_git_tracks_of_the_project(wheel):
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    tracked = {name for name in listed.split("\0") if name and (ROOT / name).is_file()}
    package = {name.removeprefix("src/") for name in tracked if name.startswith("src/")}
    project = {name for name in tracked if name.startswith(("conf/", "data/", "notebooks/", ".viz/", "docs/pictures/"))}
    project |= {f"docs/{page}" for page in PAGES}
    assert set(wheel) == package | {FILES + name for name in project}
    assert "mnistm_da/pipelines/report/page/page.css" in wheel


def test_a_new_project_has_what_its_texts_and_messages_name(installed, tmp_path):
    folder = tmp_path / "project"
    assert new(folder).exit_code == 0
    named = set()
    for path in (ROOT / "src").rglob("*.py"):
        named |= {(path, name) for name in re.findall(r"\((docs/\w+\.md)\)", path.read_text(encoding="utf-8"))}
    for path in (one for one in folder.rglob("*") if one.suffix in (".md", ".yml")):
        text = path.read_text(encoding="utf-8")
        named |= {(path, name) for name in re.findall(r"(?<![\w/])(?:conf|docs)/[\w/]+\.\w+", text)}
        links = re.findall(r"\]\((?!https?:)([^)#\s]+)", text)
        named |= {(path, (path.parent / link).relative_to(folder)) for link in links}
    missing = [(path, name) for path, name in named if not (folder / name).exists()]
    assert missing == []


def test_commands_work_in_a_new_project(installed, tmp_path, kedro_here):
    folder = tmp_path / 'a "new" project'
    done = new(folder)
    assert done.exit_code == 0
    assert done.output.splitlines()[-2:] == [f"  cd '{folder}'", "  kedro run --pipelines=dann --env=sample"]
    assert is_kedro_project(folder)
    assert (folder / ".telemetry").read_text() == (ROOT / ".telemetry").read_text(), "no run phones home"
    assert (folder / "conf/local").is_dir()
    kedro = tomllib.loads((folder / "pyproject.toml").read_text())["tool"]["kedro"]
    assert (kedro["project_name"], kedro["package_name"]) == (folder.name, "mnistm_da")
    assert f"mnistm-da {__version__}" in (folder / "pyproject.toml").read_text()
    done = kedro_here("run", "--pipelines=data", "--env=sample", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(folder.glob("data/sample/08_reporting/sample_grid.png/*/sample_grid.png"))
    assert "0 stale" in " ".join(kedro_here("status", "--pipelines=data", "--env=sample", cwd=folder).stdout.split())


def test_here_is_a_place_for_a_new_project(installed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    monkeypatch.chdir("empty")
    assert "  cd " not in new(".").output
    assert is_kedro_project(tmp_path / "empty")


def test_a_folder_that_is_not_empty_stays_as_it_is(installed, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/.hidden").touch()
    (tmp_path / "file").touch()
    for name, message in (("mine", "is not empty: name a new folder"), ("file", "is not a folder")):
        done = new(tmp_path / name)
        check(done.output, done.exit_code, message)
    assert [path.name for path in (tmp_path / "mine").iterdir()] == [".hidden"]


def test_a_place_that_cannot_be_written_is_one_message(installed, tmp_path):
    (tmp_path / "file").touch()
    done = new(tmp_path / "file/project")
    check(done.output, done.exit_code, "cannot be written (Not a directory)")


def test_the_source_code_is_no_place_to_make_a_project_of(tmp_path):
    done = new(tmp_path / "project")
    check(done.output, done.exit_code, f"used from its source code in '{ROOT}', which is a project itself")
    assert not (tmp_path / "project").exists()


def test_every_extra_names_its_modules(pyproject):
    extras = dict(pyproject["project"]["optional-dependencies"])
    own = [Requirement(line).extras for line in extras.pop("dev") if line.startswith("mnistm-da[")]
    assert own == [set(extras)], "the extra dev has all others"
    del extras["docs"]  # for those who work on the project
    assert set(extras) == set(EXTRAS)
    for extra, lines in extras.items():
        named = {Requirement(line).name.removesuffix("-skinny") for line in lines}  # MLflow's small part
        assert {module.replace("_", "-") for module in EXTRAS[extra]} <= named
    told = (ROOT / "docs/install.md").read_text()
    assert set(re.findall(r"^\| `pip install 'mnistm-da\[(\w+)\]'` \|", told, re.MULTILINE)) == set(EXTRAS)


@pytest.mark.parametrize("command", [serve.main, site.main])
def test_the_graph_without_kedro_viz_is_one_message(command, monkeypatch):
    monkeypatch.setitem(sys.modules, "kedro_viz", None)
    done = CliRunner().invoke(command, [])
    check(done.output, done.exit_code, "the graph needs kedro_viz: pip install 'mnistm-da[viz]'")


@pytest.mark.parametrize(
    ("line", "module", "message"),
    [
        ("run --pipelines=export --env=sample", "onnx", "'export' needs onnx: pip install 'mnistm-da[export]'"),
        (
            "run --pipelines=benchmark --env=sample --params=launcher=dask",
            "distributed",
            "launcher 'dask' needs distributed: pip install 'mnistm-da[cluster]'",
        ),
        (
            "run --pipelines=dann --env=sample --params=tracking=mlflow",
            "mlflow",
            "tracking=mlflow needs mlflow: pip install 'mnistm-da[tracking]'",
        ),
        ("run --pipelines=tune --env=sample", "optuna", "'tune' needs optuna: pip install 'mnistm-da[tune]'"),
        ("viz run", "kedro_viz", "`kedro viz` needs kedro_viz: pip install 'mnistm-da[viz]'"),
    ],
)
def test_a_command_without_its_extra_is_one_message(line, module, message, project, kedro_here, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    done = kedro_here(*line.split(), cwd=project)
    check(done.stdout + done.stderr, done.returncode, message)


def test_the_versions_of_python_are_those_that_ci_and_a_release_try(pyproject):
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(pyproject["project"]["classifiers"]))
    assert pyproject["project"]["requires-python"] == f">={named[0]}"
    for workflow, job in (("ci", "check"), ("release", "try")):
        jobs = yaml.safe_load((ROOT / f".github/workflows/{workflow}.yml").read_text())["jobs"]
        assert jobs[job]["strategy"]["matrix"]["python-version"] == named


def test_the_version_is_the_one_to_cite():
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == __version__


def test_workflows_may_do_no_more_than_they_need():
    may = {}
    for path in sorted((ROOT / ".github/workflows").glob("*.yml")):
        workflow = yaml.safe_load(path.read_text())
        assert workflow["permissions"] == {"contents": "read"}
        may |= {(path.stem, name): job["permissions"] for name, job in workflow["jobs"].items() if "permissions" in job}
        for action in re.findall(r"uses: (\S+)", path.read_text()):
            assert re.fullmatch(r"actions/[\w-]+@v\d+|\./\.github/workflows/ci\.yml", action), f"{path}: {action}"
    assert may == {
        ("release", "attach"): {"contents": "write"},
        ("site", "publish"): {"pages": "write", "id-token": "write"},
    }
