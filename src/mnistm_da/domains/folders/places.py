"""What a user named, and which pictures lie there."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

from ...errors import UserError
from ..pictures.find import OF_THE_SYSTEM, PicturesError, reason, shown, told

MOST_FILES = 1_000_000
"""A folder with more files is refused: it is probably a whole disk."""

EXAMPLE = "--params=source=path/to/labelled,target=path/to/unlabelled"


@dataclass(frozen=True)
class Places:
    """Where the pictures are.

    Attributes:
        sources: each a folder that has a folder for each class, or a CSV table of file and label.
        target: a folder of pictures, at any depth.
        target_test: as a source, if there is one.
    """

    sources: tuple[Path, ...]
    target: Path
    target_test: Path | None = None

    def check(self) -> None:
        """Refuse places that do not exist, are of the wrong kind, or lie in one another.

        Raises:
            UserError: names the parameter, the place and the cure.
        """
        named = [("source", place) for place in self.sources] + [("target", self.target)]
        named += [("target_test", self.target_test)] if self.target_test else []
        for name, place in named:
            _check_place(name, place)
        if not self.target.is_dir():
            raise UserError(f"target '{shown(self.target)}' is a file: name a folder of pictures, at any depth")
        for (name, place), (other, outer) in permutations([(name, place.resolve()) for name, place in named], 2):
            if outer == place or (outer.is_dir() and place.is_dir() and place.is_relative_to(outer)):
                _refuse_nested(name, place, other, outer)


def _check_place(name: str, place: Path) -> None:
    if place == Path():
        raise UserError(f"{name} names no folder: {EXAMPLE}")
    try:
        if not place.exists():
            kind = "is a link that leads nowhere" if place.is_symlink() else "does not exist"
            hint = "; several sources have a + between them" if name == "source" and "," in str(place) else ""
            raise UserError(
                f"{name} '{shown(place)}' {kind}: name a folder, relative to where the command is started{hint}"
            )
        if place.is_dir():
            next(os.scandir(place), None)
    except OSError as error:
        raise UserError(f"{name} '{shown(place)}' cannot be opened ({error.strerror or error})") from error


def _refuse_nested(name: str, place: Path, other: str, outer: Path) -> None:
    if place == outer:
        if name == other:
            raise UserError(f"{name} names '{shown(place)}' twice: name each source once")
        raise UserError(f"{name} and {other} are the same folder, '{shown(place)}': each domain needs its own")
    raise UserError(
        f"{name} '{shown(place)}' lies inside {other} '{shown(outer)}', whose pictures would be those of both: put "
        "them into folders beside each other"
    )


def pictures_below(folder: Path) -> tuple[list[Path], list[str]]:
    """List the pictures of a folder, at any depth, in the order of their names; links are followed, but never twice.

    No file is opened. Folders whose names begin with a dot are passed over, and so is what systems put there.

    Returns:
        The pictures, and a line for each other file, or for many of a kind.

    Raises:
        UserError: there are more files than `MOST_FILES`.
    """
    pictures: list[Path] = []
    reasons: dict[Path, str] = {}
    for path in _files_below(folder, reasons):
        why = reason(path)
        if why:
            reasons[path] = why
        else:
            pictures.append(path)
        if len(pictures) + len(reasons) > MOST_FILES:
            raise UserError(
                f"'{shown(folder)}' has more than {MOST_FILES:,} files: name the folder of the pictures alone"
            )
    return pictures, told(reasons, folder)


def _files_below(folder: Path, reasons: dict[Path, str]) -> Iterator[Path]:
    seen: set[tuple[int, int]] = set()

    def unreadable(error: OSError) -> None:
        reasons[Path(str(error.filename))] = f"this folder cannot be opened ({error.strerror or error})"

    for here, folders, files in os.walk(folder, followlinks=True, onerror=unreadable):
        found = Path(here).stat()
        if (found.st_dev, found.st_ino) in seen:  # a link back up, or two links to one folder
            reasons[Path(here)] = "a link to a folder that is read already"
            folders.clear()
            continue
        seen.add((found.st_dev, found.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__MACOSX")
        yield from (Path(here, name) for name in sorted(files) if name.lower() not in OF_THE_SYSTEM)


def no_pictures(name: str, place: Path, skipped: list[str]) -> PicturesError:
    """Give the error that there is none, with what lies there instead."""
    more = "".join(f"; left out {line}" for line in skipped[:3]) + ("; …" if len(skipped) > 3 else "")
    return PicturesError(f"{name}: there is no picture in '{shown(place)}'{more}")
