"""Several sources in one parameter: ``source=mnist+usps``, ``source=path/to/photos+path/to/drawings``."""

import re
from pathlib import Path

from .errors import UserError
from .project_paths import as_user_means, is_there, without_scheme

JOIN = "+"
"""Between names. A comma parts parameters on the command line, and names of folders may have commas and spaces."""


def names(text: str) -> tuple[str, ...]:
    """Give the names of sets that a text joins.

    Raises:
        UserError: something else stands between them, or nothing stands beside a ``+``.
    """
    found = tuple(name.strip() for name in text.split(JOIN))
    if (len(found) > 1 and not all(found)) or any(re.search(r"[,;\s]", name) for name in found):
        likely = [name for name in re.split(r"[+,;\s]+", text) if name]
        raise UserError(
            f"'{text}' is no way to name sets: several sources have a {JOIN} between them, as in "
            f"--params=source={JOIN.join(likely)}"
        )
    return found


def places(text: str) -> tuple[Path, ...]:
    """Give the places that a text joins, as the user means them. What exists as it is typed is one place."""
    whole = _place(text)
    return (whole,) if JOIN not in text or is_there(whole) else tuple(map(_place, text.split(JOIN)))


def titles(found: tuple[Path, ...]) -> tuple[str, ...]:
    """Give the last part of each path; where two are the same, the whole paths."""
    last = tuple(map(_last_part, found))
    return last if len(set(last)) == len(last) else tuple(map(str, found))


def _last_part(place: Path) -> str:
    is_table = place.suffix.lower() in (".csv", ".tsv", ".txt")
    return (place.stem if is_table else place.name) or place.resolve().name


def _place(text: str) -> Path:
    return as_user_means(Path(without_scheme(text.strip())))
