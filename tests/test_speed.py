"""The benchmarks run, at sizes that measure nothing; their figures are made by `make bench`."""

import json
import os
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def printed(root):
    if not os.environ.get("MNISTM_TEST_BENCHMARKS"):
        pytest.skip("the benchmarks take a minute and are run by `.ci/run`, which sets MNISTM_TEST_BENCHMARKS")
    kept = (root / "speed/results.json").read_bytes()
    command = [sys.executable, "-m", "speed", "--quick"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (root / "speed/results.json").read_bytes() == kept, "the smoke test is not to be kept"
    return [line.strip().strip("|").split("|") for line in done.stdout.splitlines() if line.startswith("  |")]


def test_every_subject_gives_its_rows(printed):
    rows = {(name.strip(), against.strip()) for name, against, *_ in printed}
    for name in (
        "MNIST-M synthesis",
        "DANN, pairs per processor second",
        "DANN, target test accuracy",
        "peak memory of synthesis",
    ):
        assert any(name == one for one, _ in rows), name
    assert len(rows) == len(printed) >= 12


def test_the_table_is_made_from_the_artifact(root):
    from speed.__main__ import BEGIN, END, table

    rows = json.loads((root / "speed/results.json").read_text())
    text = (root / "speed/README.md").read_text()
    assert text.partition(BEGIN)[2].partition(END)[0].strip() == table(list(rows.values())).strip()


def test_an_unknown_subject_is_told(root):
    command = [sys.executable, "-m", "speed", "syntesis"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no subject 'syntesis'" in done.stderr
    assert "Traceback" not in done.stderr
