"""What tests share: the project's root, small made-up domains, and the real command line."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mnistm_da  # noqa: F401  # before torch: it sets how idle threads wait

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture
def tiny_split() -> dict[str, np.ndarray]:
    """64 grey images that a network can tell apart: the label is a bright row."""
    return make_split(64, channels=1, seed=0)


def make_split(count: int, *, channels: int, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 10
    images = rng.integers(0, 60, size=(count, channels, 28, 28), dtype=np.uint8)
    images[np.arange(count), :, 4 + 2 * labels] = 255
    return {"images": images, "labels": labels.astype(np.int64)}


@pytest.fixture(scope="session")
def project(root, tmp_path_factory) -> Path:
    """The project as a fresh clone: what git tracks or would, without any data."""
    here = tmp_path_factory.mktemp("clone")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (root / name).is_file():
            (here / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, here / name)
    return here


@pytest.fixture(scope="session")
def kedro():
    """Run the real command line as a user would, in the project's folder or another."""

    def run(*args: str, cwd: Path = ROOT, timeout: int = 900, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "kedro", *args],
            cwd=cwd,
            env=os.environ | {"COLUMNS": "200", "NO_COLOR": "1"} | env,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out the tests on real data where no folder is given."""
    if os.environ.get("MNISTM_RAW_DIR"):
        return
    for item in items:
        if "real_data" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="no real data: MNISTM_RAW_DIR is not set"))
