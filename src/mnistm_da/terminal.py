"""What a run looks like on a terminal: whole words in each line, and a log that leaves the progress bar alone."""

import logging
import os
import textwrap

from rich import get_console

from .project_paths import project_root

CONFIG = "conf/logging.yml"
VARIABLE = "KEDRO_LOGGING_CONFIG"
CLOCK = 9
"""Characters of the time in front of each line, by which the lines that go on are indented."""


class ConsoleStream:
    """What a `logging.StreamHandler` writes to: the console of the progress bar.

    On a terminal, lines are broken between words; in a file or pipe they stay as they are.
    """

    def write(self, text: str) -> None:
        """Print a text that ends with a line break."""
        console = get_console()
        lines = text.rstrip("\n").split("\n")
        if console.is_terminal:
            lines = [_wrapped(line, console.width) for line in lines]
        console.print("\n".join(lines), soft_wrap=True, markup=False, highlight=False, emoji=False)

    def flush(self) -> None:
        """Do nothing: printing flushes."""


def _wrapped(line: str, width: int) -> str:
    if len(line) <= width:
        return line
    return textwrap.fill(
        line, width, subsequent_indent=" " * CLOCK, break_long_words=False, break_on_hyphens=False, tabsize=4
    )


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
