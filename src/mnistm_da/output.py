"""What is printed and logged, on terminals and in files of any encoding."""

import io
import sys


def survive_any_encoding() -> None:
    """Let a sign that the output's encoding lacks be written as an escape, where it would end the program.

    Python takes the encoding from the terminal's settings: on Windows, in many containers and in a file that output is
    redirected to, it is often none that has every sign.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
