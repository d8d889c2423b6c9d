"""Whether what a command printed is one message that names the mistake."""

import re

NODE = re.compile(r"\[\d+/\d+\] ")
"""The start of the line that a run prints as a node begins."""


def check(output: str, code: int, message: str) -> None:
    lines = [line for line in output.splitlines() if line.strip()]
    text = " ".join(output.split())
    assert code != 0, text
    assert message in text, text
    assert len(lines) <= 6, output
    assert not NODE.search(output), output
    for never in ("Traceback", "https://", "NoneType"):  # Pydantic links to its pages
        assert never not in output
