"""The labels of pictures: the names of their folders, or a column of a table."""

import csv
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...errors import UserError
from ..pictures.find import reason, shown, told
from .places import no_pictures, pictures_below

MOST_CLASSES = 100

DELIMITERS = ",;\t"
FILE_COLUMN = ("file", "filename", "path", "image")
LABEL_COLUMN = ("label", "class")
"""Names of the columns of a table, in lower case."""

NAMED = 3
"""How many things a message names; of the others it gives the number."""

LONGEST_LABEL = 255
"""Characters: as many as the name of a folder may have."""

LONGEST = 80
"""Characters of such a name in a message: it may be the text of a wrong column."""

SPLITS = frozenset({"train", "training", "test", "testing", "val", "valid", "validation"})
"""Folders of a data set that somebody has divided already."""


@dataclass(frozen=True)
class Labelled:
    """Pictures and what they show.

    Attributes:
        labels: name of the class by picture, in the order of the names.
        skipped: a line for each file that is left out, or for many of a kind.
        empty: folders of classes without a picture.
    """

    labels: dict[Path, str]
    skipped: list[str]
    empty: tuple[str, ...] = ()

    @property
    def classes(self) -> list[str]:
        """The names, numbers in their order."""
        return sorted(set(self.labels.values()), key=_natural)


def labelled(name: str, place: Path) -> Labelled:
    """List labelled pictures without opening them.

    Args:
        name: of the parameter, for messages.
        place: a folder that has a folder for each class, or a CSV table.

    Raises:
        UserError: there is no picture, no class, or a table has a mistake; names cause and cure.
    """
    if place.is_dir():
        found = _of_folders(name, place)
    elif place.suffix.lower() in (".csv", ".tsv", ".txt"):
        found = _of_table(name, place)
    else:
        raise UserError(
            f"{name} '{shown(place)}' is neither a folder nor a .csv: name a folder that has a folder for each class, "
            "or a table of file and label"
        )
    if not found.labels:
        raise no_pictures(name, place, found.skipped)
    if len(found.classes) > 1 and {one.lower() for one in found.classes} <= SPLITS:
        raise UserError(
            f"{name} '{shown(place)}' has the classes {' and '.join(found.classes)}, which are parts of a data "
            f"set by their names: name one of them, such as {name}={shown(place / found.classes[0])}"
        )
    if len(found.classes) > MOST_CLASSES:
        raise UserError(
            f"{name} '{shown(place)}' has {len(found.classes):,} classes ({_few(found.classes)}), and at most "
            f"{MOST_CLASSES} are possible: is it the folder, or the column, of the labels?"
        )
    return found


def _of_folders(name: str, place: Path) -> Labelled:
    pictures, skipped = pictures_below(place)
    loose = [path for path in pictures if path.parent == place]
    labels = {path: class_name(path.relative_to(place).parts[0]) for path in pictures if path.parent != place}
    if loose and not labels:
        raise UserError(
            f"{name} '{shown(place)}' has pictures, but no folder for each class: put them into folders that are named "
            "like their classes, or name a table of file and label (.csv)"
        )
    folders = (path.name for path in place.iterdir() if path.is_dir() and not path.name.startswith((".", "__")))
    empty = {class_name(name) for name in folders} - set(labels.values())
    left_out = told(dict.fromkeys(loose, "in no folder of a class"), place)
    return Labelled(labels, [*skipped, *left_out], tuple(sorted(empty)))


def _of_table(name: str, place: Path) -> Labelled:
    labels: dict[Path, str] = {}
    missing: list[str] = []
    reasons: dict[Path, str] = {}
    for number, file, label in _rows(name, place):
        path = place.parent / file
        if not file or not label:
            raise UserError(f"{name}: line {number} of '{shown(place)}' has no {'label' if file else 'file'}")
        if len(label) > LONGEST_LABEL:
            raise UserError(
                f"{name}: line {number} of '{shown(place)}' has a label of {len(label):,} characters, and at most "
                f"{LONGEST_LABEL} are possible: is it the column of the labels?"
            )
        if labels.get(path, label) != label:
            raise UserError(
                f"{name}: '{shown(place)}' gives '{shown(file)}' two labels, '{labels[path]}' and '{label}': keep one"
            )
        if not os.path.isfile(path):  # noqa: PTH113 - a Path raises an error where the name is too long
            missing.append(file)
        elif why := reason(path):
            reasons[path] = why
        else:
            labels[path] = label
    if missing:
        raise UserError(
            f"{name}: '{shown(place)}' names files that are not there ({_few(missing)}; {len(missing):,} in all): "
            f"paths in it are relative to its own folder, '{shown(place.parent)}'"
        )
    return Labelled(dict(sorted(labels.items())), told(reasons, place.parent))


def _rows(name: str, place: Path) -> Iterator[tuple[int, str, str]]:
    """Give line number, file and label of every row."""
    try:
        with place.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            delimiter = max(DELIMITERS, key=head.count)
            file.seek(0)
            rows = csv.reader(file, delimiter=delimiter, strict=True)
            header = [cell.strip().lower() for cell in next(rows, [])]
            columns = [
                next((at for at, cell in enumerate(header) if cell in of), None) for of in (FILE_COLUMN, LABEL_COLUMN)
            ]
            if None in columns:
                raise UserError(
                    f"{name}: the first line of '{shown(place)}' must name the columns, as in 'file,label', and is "
                    f"'{shown(head.strip()[:60])}'"
                )
            at_file, at_label = columns
            for row in rows:
                if any(cell.strip() for cell in row):
                    cells = [row[at].strip() if len(row) > at else "" for at in (at_file or 0, at_label or 0)]
                    yield rows.line_num, cells[0], class_name(cells[1])
    except UnicodeDecodeError as error:
        raise UserError(
            f"{name}: '{shown(place)}' is not UTF-8 (byte {error.start}): save it as CSV in UTF-8"
        ) from error
    except csv.Error as error:
        raise UserError(f"{name}: '{shown(place)}' cannot be read as CSV ({error})") from error
    except OSError as error:
        raise UserError(f"{name} '{shown(place)}' cannot be opened ({error.strerror or error})") from error


def class_name(text: str) -> str:
    """Write a label so that it can be printed, and the same whether a Mac wrote its accents apart or not."""
    return shown(unicodedata.normalize("NFC", text))


def _few(names: list[str]) -> str:
    return ", ".join(_shortened(shown(name)) for name in names[:NAMED]) + (", …" if len(names) > NAMED else "")


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST else name[:LONGEST] + "…"


def _natural(name: str) -> list[tuple[bool, int, str]]:
    """Order names as people do: 2 before 10."""
    return [
        (not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in re.split(r"(\d+)", name) if part
    ]
