"""Errors that a user can mend, and how a name that does not exist is told."""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher, get_close_matches

LISTED = 50
"""More names than these are not listed."""


TOLD = 3
"""Of many things of a kind, no more than these are told one by one."""


class UserError(ValueError):
    """A mistake in a command, a parameter or the data: the message names the cause and the cure.

    The commands show it without a traceback. An error of any other class is a fault of the program and keeps its own.
    """


class DivergedError(UserError, FloatingPointError):
    """A training whose losses or weights are not finite any more."""


def first_few(each: Sequence[str], where: str = "") -> list[str]:
    """Give the first of some texts and, as the last one, how many more there are, and where they are told."""
    left = len(each) - TOLD
    return [*each[:TOLD], *([f"and {left} more{where}"] if left > 0 else [])]


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """Say that there is no such name, the closest known one, and all known ones if they are not too many."""
    names = sorted(known)
    listed = f" Known: {', '.join(names)}." if len(names) <= LISTED else ""
    return f"there is no {kind} '{name}'.{nearest(name, names)}{listed}"


def nearest(name: str, known: Iterable[str]) -> str:
    """Ask whether the closest known name was meant, with a space before it; nothing if none is close.

    Of equally close ones it is the one that begins alike: dan is rather dann than mdan.
    """
    close = get_close_matches(name, list(known))
    likely = [(SequenceMatcher(None, one, name).ratio(), one[:1] == name[:1], one) for one in close]
    return f" Did you mean '{max(likely)[-1]}'?" if likely else ""
