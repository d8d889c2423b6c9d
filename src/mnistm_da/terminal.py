"""What a run looks like on a terminal: whole words in each line, and a log that leaves the progress bar alone."""

import functools
import io
import logging
import os
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich import get_console

from .project_paths import project_root

if TYPE_CHECKING:
    from rich.table import Table

CONFIG = "conf/logging.yml"
VARIABLE = "KEDRO_LOGGING_CONFIG"
CLOCK = 9
"""Characters of the time in front of each line, by which the lines that go on are indented."""
WIDE = 10_000
"""Columns of a file or pipe: more than any table needs."""


class ConsoleStream:
    """What a `logging.StreamHandler` writes to: the console of the progress bar.

    On a terminal, lines are broken between words; in a file or pipe they stay as they are. If a disk is full, a message
    says so once, on stderr, and the run goes on: its results are worth more than its log.
    """

    def write(self, text: str) -> None:
        """Print a text that ends with a line break."""
        console = get_console()
        lines = text.rstrip("\n").split("\n")
        if console.is_terminal:
            lines = [_wrapped(line, console.width) for line in lines]
        with _told_of_a_full_disk():
            console.print("\n".join(lines), soft_wrap=True, markup=False, highlight=False, emoji=False)

    def flush(self) -> None:
        """Do nothing: printing flushes."""


def show(table: "Table") -> None:
    """Print a table: on a terminal it fits into the lines, and in a file or pipe it has the width that it needs."""
    from rich.console import Console

    console = get_console()
    if not console.is_terminal:
        console = Console(file=console.file, width=WIDE)
    with _told_of_a_full_disk():
        console.print(table)


@contextmanager
def _told_of_a_full_disk() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # the reader has stopped, as in `kedro run | head`
        raise
    except OSError as error:
        _tell_once(f"the output cannot be written ({error.strerror}): the run goes on without it")


@functools.cache
def _tell_once(message: str) -> None:
    print(message, file=sys.stderr)


def _wrapped(line: str, width: int) -> str:
    if len(line) <= width:
        return line
    return textwrap.fill(
        line, width, subsequent_indent=" " * CLOCK, break_long_words=False, break_on_hyphens=False, tabsize=4
    )


def survive_any_encoding() -> None:
    """Write characters that the output's encoding lacks as escapes; else they would end the program.

    Python takes the encoding from the terminal's settings. On Windows, in many containers and in redirected output, it
    often lacks some characters.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def prepare() -> None:
    """Log as `CONFIG` says, wherever in the project the command was started, on the console of the progress bar.

    Kedro reads that file only in the project's own folder. Where the user named another configuration
    (`VARIABLE`), that one stays.
    """
    root = project_root()
    if os.environ.get(VARIABLE) or root is None or not (root / CONFIG).is_file():
        return
    import yaml
    from kedro.framework.project import LOGGING, configure_logging

    wanted = yaml.safe_load((root / CONFIG).read_text(encoding="utf-8"))
    if LOGGING.data != wanted:
        configure_logging(wanted)
        os.environ[VARIABLE] = str(root / CONFIG)  # for workers that are started anew, which read it by themselves
    for handler in logging.getLogger().handlers:
        if type(handler) is logging.StreamHandler:
            handler.setStream(ConsoleStream())
    logging.captureWarnings(True)
