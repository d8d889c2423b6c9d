"""Output in encodings that lack a sign, as on Windows, in containers and in redirected files."""

import io
import os
import subprocess
import sys

import pytest

from mnistm_da.terminal import survive_any_encoding


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "latin-1", "utf-8"])
def test_every_sign_can_be_printed(encoding, monkeypatch):
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=encoding, newline="\n"))
    survive_any_encoding()
    print("seed 0 → 1 · 2³² − 1 · ✓ · 数 · caf\udce9.png")  # the last, as Python has a name that is no UTF-8
    sys.stdout.flush()
    text = written.getvalue().decode(encoding)
    assert text.startswith("seed 0 ")
    assert text.endswith("caf\\udce9.png\n")


def test_a_stream_of_another_kind_is_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setattr(sys, "stderr", None)
    survive_any_encoding()


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONIOENCODING": "cp1252"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}],
)
def test_the_command_line_prints_and_logs_them(environment, root):
    code = (
        "import logging; import mnistm_da.cli; from kedro.framework.project import LOGGING; "
        r"print('0 \u2192 1'); logging.getLogger('kedro').warning('1 \u2192 2')"
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHONIO")}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=root, env=clean | environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert rb"0 \u2192 1" in done.stdout
    assert rb"1 \u2192 2" in done.stdout + done.stderr
    assert b"Traceback" not in done.stdout + done.stderr
