"""The checks that the project adds to those of proselint: the length of a sentence, and two lists of words."""

import re
from collections.abc import Iterator
from typing import Any

from proselint.registry.checks import Check, CheckResult
from proselint.registry.checks.types import ExistenceSimple, PreferredForms

from .texts import CODE

END = re.compile(r"(?<!e\.g)(?<!i\.e)(?<!et al)(?<!\bvs)[.!?][)\"”'’*_]*(?=\s+[^a-z\s])|\n")
"""The end of a sentence. Every paragraph has one line."""

NAMES = re.compile(rf"{CODE}(?:(?: ?\([^()]*\))?(?:,| and| or|, and|, or) {CODE})+")
"""An enumeration of names counts as one word."""

WORD = re.compile(r"\S*[^\W\d_]\S*")
"""A number is not counted."""


def checks(settings: dict[str, Any]) -> tuple[Check, ...]:
    """Make the checks of `settings.toml`: ``most_words``, ``never`` and ``instead``."""
    most = settings["most_words"]

    def length(text: str, check: Check) -> Iterator[CheckResult]:
        for begin, end in _sentences(text):
            words = len(WORD.findall(NAMES.sub(CODE, text[begin:end])))
            if words > most:
                yield CheckResult(check.path, f"{words} words in a sentence, {most} is the most.", (begin, end), None)

    never = (
        Check(ExistenceSimple(rf"(?i)\b{pattern}\b"), path="house.never", message=f"“{{}}”: {better}.")
        for pattern, better in settings["never"].items()
    )
    instead = Check(PreferredForms(settings["instead"]), path="house.terms", message="Write “{}” for “{}”.")
    return (Check(length, path="house.length"), *never, instead)


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    begin = 0
    for end in [*(found.end() for found in END.finditer(text)), len(text)]:
        yield begin, end
        begin = end
