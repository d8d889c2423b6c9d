"""What tests share: the project's root, small made-up domains, and the real command line."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import rich
from filelock import FileLock
from upath import UPath

from mnistm_da.cores import usable  # before torch: the package sets how idle threads wait

ROOT = Path(__file__).resolve().parents[1]
TEST_SEED = int(os.environ.get("MNISTM_TEST_SEED", "0"))
"""The seed of the tests' runs of the sample. No test may depend on it."""
SAMPLE_EPOCHS = 2
SAMPLE_RUN = (
    f"training.epochs={SAMPLE_EPOCHS},training.batch_size=256,training.learning_rate=3.0e-3,network.width=8,"
    f"selection.samples=200,embedding.samples=100,seed={TEST_SEED}"
)
"""What the shared run of the sample was made with: quick, so that its accuracies say nothing of an algorithm."""
FAST = (
    "training.epochs=1,training.batch_size=500,network.width=4,selection.samples=100,"
    f"embedding.samples=60,embedding.method=pca,seed={TEST_SEED}"
)
"""The quickest run of the sample that makes everything."""

OF_THE_USER = {"MNISTM_DATA_ROOT", "KEDRO_ENV", "KEDRO_LOGGING_CONFIG"}
for name in [name for name in os.environ if name in OF_THE_USER or name.lower().endswith("_proxy")]:
    del os.environ[name]  # of a user's own shell: none of the tests', nor of the commands that they start
IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ
if IS_WORKER:  # its share of the cores; before torch, and for the commands that tests start
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, usable() // int(os.environ["PYTEST_XDIST_WORKER_COUNT"]))))


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="module", params=["base", "sample", "full_length", "digits", "pictures"])
def project_catalog(request, root):
    """The catalog of this repository, in each environment."""
    from kedro.framework.session import KedroSession  # not above: it reads variables that are deleted there
    from kedro.framework.startup import bootstrap_project

    bootstrap_project(root)
    with KedroSession.create(project_path=root, env=request.param) as session:
        yield session.load_context().catalog


@pytest.fixture
def tiny_split() -> dict[str, np.ndarray]:
    """64 grey images that a network can tell apart: the label is a bright row."""
    return make_split(64, channels=1, seed=0)


def make_split(count: int, *, channels: int, seed: int, side: int = 28, classes: int = 10) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    images = rng.integers(0, 60, size=(count, channels, side, side), dtype=np.uint8)
    images[np.arange(count), :, 4 + 2 * labels] = 255
    return {"images": images, "labels": labels.astype(np.int64)}


def clone(here: Path) -> Path:
    """Put what git tracks, or would, into an empty folder: the project as a fresh clone, without any data."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (here / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, here / name)
    return here


def conf_without_local(here: Path) -> Path:
    """Copy the configuration into a folder, without a developer's own, and give its path."""
    conf = shutil.copytree(ROOT / "conf", here / "conf", ignore=shutil.ignore_patterns("local"))
    (conf / "local").mkdir()
    return conf


@pytest.fixture(scope="session")
def project(tmp_path_factory) -> Path:
    """A fresh clone to run anything in; what other tests left there may lie in it."""
    return clone(tmp_path_factory.mktemp("clone"))


@dataclass(frozen=True)
class SampleRun:
    """A finished run, for all tests to look at: its folder is not to be run in, but in a `sample_copy`.

    Attributes:
        folder: of the project.
        output: what the command printed.
    """

    folder: Path
    output: str

    def newest(self, name: str) -> Path:
        return newest(self.folder, name)


def newest(project: Path, name: str) -> Path:
    """Give the newest version of a file that the sample environment made."""
    return max((project / "data/sample").glob(f"*/{name}/*/{name}"))


def once(tmp_path_factory, name: str, make: Callable[[Path], None]) -> Path:
    """Give a folder that is filled once for all workers."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if IS_WORKER else shared
    folder, made = shared / name, shared / f"{name}.made"
    with FileLock(shared / f"{name}.lock"):
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            made.touch()
    return folder


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory, kedro) -> SampleRun:
    """`kedro run --pipelines=dann --env=sample`, with less training than the environment has; once for all workers."""

    def make(folder: Path) -> None:
        asked = ("run", "--pipelines=dann", "--env=sample", f"--params={SAMPLE_RUN}")
        done = kedro(*asked, cwd=clone(folder), starts_afresh=True)
        assert done.returncode == 0, done.stdout + done.stderr
        folder.with_suffix(".output").write_text(done.stdout + done.stderr)

    folder = once(tmp_path_factory, "sample", make)
    return SampleRun(folder, folder.with_suffix(".output").read_text())


@pytest.fixture
def sample_copy(sample_run, tmp_path) -> Path:
    """A copy of the finished run's project, to run in; later runs there name the parameters ``SAMPLE_RUN`` again."""
    return shutil.copytree(sample_run.folder, tmp_path / "project")


@pytest.fixture(scope="session")
def s3():
    """A real S3 server with an empty bucket."""
    import object_store

    server, stop = object_store.start()
    yield server
    stop()


@pytest.fixture(params=["s3", "memory"])
def place(request, tmp_path):
    """An empty place in an object store: of a real S3 server, and of another protocol."""
    if request.param == "s3":
        return request.getfixturevalue("s3").place(tmp_path.name)
    return UPath(f"memory://{tmp_path}")


@pytest.fixture(scope="session")
def kedro():
    """Run the real command line in a separate process, in the project's folder or another.

    One that ``starts_afresh`` is a user's to the last import, and reads its environment before any library.
    """
    from forked import Forked  # not above: forked processes import this module

    def run(
        *args: str, cwd: Path = ROOT, timeout: int = 900, starts_afresh: bool = False, **env: str
    ) -> subprocess.CompletedProcess[str]:
        env = os.environ | {"COLUMNS": "200", "NO_COLOR": "1"} | env
        command = [sys.executable, "-m", "kedro", *args]
        with tempfile.TemporaryDirectory() as folder:
            output, errors = Path(folder, "output"), Path(folder, "errors")
            if starts_afresh:
                command = [sys.executable, "-m", "kedro", *args]
                with output.open("w") as out, errors.open("w") as err:
                    done = subprocess.run(
                        command, cwd=cwd, env=env, stdout=out, stderr=err, timeout=timeout, check=False
                    )
                code = done.returncode
            else:
                code = Forked([*args], cwd, env, output, errors).wait_or_kill(timeout)
            return subprocess.CompletedProcess(args, code, output.read_text(), errors.read_text())

    return run


@pytest.fixture
def kedro_here(root, monkeypatch):
    """Run the command line in this process, by Kedro's own entry point: a new one would mostly import."""
    from click.testing import CliRunner
    from kedro.framework.cli.cli import KedroCLI  # not above: Kedro would print a line after pytest's last one
    from kedro.framework.startup import bootstrap_project

    monkeypatch.setattr(sys, "path", [*sys.path])  # Kedro puts the project's src before all others
    monkeypatch.setenv("PYTHONPATH", os.environ.get("PYTHONPATH", ""))
    monkeypatch.setattr(rich.get_console(), "width", 200)  # or messages are broken into lines
    # Kedro's settings look up the source of every frame of the stack, and a test's has many: 0.1 s each time.
    apart = ThreadPoolExecutor(max_workers=1)

    def run(*args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        monkeypatch.chdir(cwd)
        done = CliRunner().invoke(apart.submit(KedroCLI, cwd).result(), args)
        error = (
            "" if isinstance(done.exception, SystemExit | None) else str(done.exception)
        )  # as it would end a process
        return subprocess.CompletedProcess(args, done.exit_code, done.output, error)

    with apart:
        yield run
        apart.submit(bootstrap_project, root).result()


def pytest_xdist_auto_num_workers() -> int:
    """Give two more than there are cores: tests also wait, for disks, pages and commands."""
    return usable() + 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out the tests on real data where no folder is given."""
    if os.environ.get("MNISTM_RAW_DIR"):
        return
    for item in items:
        if "real_data" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="no real data: MNISTM_RAW_DIR is not set"))
