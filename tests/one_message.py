"""Whether what a command printed is one message that names the mistake."""


def check(output: str, code: int, message: str) -> None:
    lines = [line for line in output.splitlines() if line.strip()]
    text = " ".join(output.split())
    assert code != 0, text
    assert message in text, text
    assert len(lines) <= 6, output
    for never in ("Traceback", "Running node", "://", "NoneType"):
        assert never not in output
