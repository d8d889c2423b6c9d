"""The benchmarks' table and command line; `.ci/run` lets each benchmark run at a size that measures nothing."""

import json
import subprocess
import sys


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
