"""Which files of a folder are pictures, and why others are not."""

import os
import stat
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ...errors import UserError

SUFFIXES = frozenset(
    (
        *(".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".jp2", ".j2k", ".bmp", ".dib", ".gif", ".tif", ".tiff"),
        *(".webp", ".avif", ".ppm", ".pgm", ".pbm", ".pnm", ".tga", ".pcx", ".ico"),
    )
)
UNREADABLE = {
    **dict.fromkeys((".heic", ".heif", ".hif"), "HEIC is not read"),
    **dict.fromkeys((".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf", ".rw2"), "raw camera files are not read"),
}
"""Names of pictures that Pillow does not read."""

OF_THE_SYSTEM = frozenset({".ds_store", "thumbs.db", "desktop.ini", ".directory", ".gitkeep", ".gitignore"})
"""Files that an operating system or Git puts into folders; no message mentions them."""

MAX_BYTES = 512 * 2**20
"""Bytes of the largest file that is read. No picture needs as many, and a film with a picture's name would take minutes
to hash."""

NO_PICTURE = "not named like a picture"

NAMED = 10
"""Files of one kind that are named one by one; of more, their number is told."""


class PicturesError(UserError):
    """There is nothing to read at the place that a user named; the message says why, and the cure."""


@dataclass(frozen=True)
class Found:
    """What lies at a place.

    Attributes:
        pictures: files that are named like pictures, in the order of their names.
        skipped: a line for each other file, or for many of a kind: its name and the reason.
    """

    pictures: list[Path]
    skipped: list[str]


def find_pictures(place: Path) -> Found:
    """List the pictures of a folder, not those of its folders; or the one file that was named, whatever its suffix.

    No file is opened, and none but its kind and size is looked at.

    Raises:
        PicturesError: there is no such place, it cannot be listed, or no file in it is named like a picture.
    """
    place = Path(os.path.expanduser(place))  # noqa: PTH111 - a Path refuses the home of an unknown user
    try:
        if not place.is_dir():
            return _one(place)
        entries = sorted(place.iterdir())
    except OSError as error:
        raise PicturesError(f"'{shown(place)}' cannot be opened ({error.strerror or error})") from error
    reasons = {path: reason(path) for path in entries if path.name.lower() not in OF_THE_SYSTEM}
    pictures = [path for path, why in reasons.items() if not why]
    skipped = told({path: why for path, why in reasons.items() if why})
    if not pictures:
        raise PicturesError(
            f"there is no picture in '{shown(place)}' (looked for {', '.join(sorted(SUFFIXES))})"
            + "".join(f"; left out {line}" for line in skipped[:3])
            + ("; …" if len(skipped) > 3 else "")
        )
    return Found(pictures, skipped)


def shown(path: Path | str) -> str:
    r"""Give a path as text that can be printed and stored: bytes that are not UTF-8, or not printable, as ``\xe9``."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in text
    )


def _one(path: Path) -> Found:
    if not path.exists():
        kind = "the link '{}' leads nowhere" if path.is_symlink() else "there is no folder or file '{}'"
        raise PicturesError(kind.format(shown(path)) + ": name a picture, or a folder with pictures in it")
    why = reason(path)
    if why == NO_PICTURE and path.stat().st_size <= MAX_BYTES:
        why = None  # named by itself, so it is meant, whatever its name looks like
    if why:
        raise PicturesError(f"'{shown(path)}' cannot be read: {why}")
    return Found([path], [])


def reason(path: Path) -> str | None:
    """Say why a file is no picture to be read; None if it is named like one."""
    try:
        found = path.stat()
    except OSError as error:
        return "a link that leads nowhere" if path.is_symlink() else f"{error.strerror or error}"
    if stat.S_ISDIR(found.st_mode):
        return "a folder; name it by itself with images=…"
    if not stat.S_ISREG(found.st_mode):
        return "no file, but a pipe or a device"
    return _reason_of_file(path.suffix.lower(), found.st_size)


def _reason_of_file(suffix: str, size: int) -> str | None:
    if suffix in UNREADABLE:
        return f"{UNREADABLE[suffix]}; save it as JPEG or PNG"
    if suffix not in SUFFIXES:
        return NO_PICTURE
    return f"it is larger than {MAX_BYTES // 2**20} MB" if size > MAX_BYTES else None


def told(reasons: dict[Path, str], folder: Path | None = None) -> list[str]:
    """Give a line for each file; many files with the same reason share one, which lists their suffixes.

    Names are relative to ``folder``, if there is one.
    """
    lines = []
    for why, count in Counter(reasons.values()).items():
        paths = [path for path, other in reasons.items() if other == why]
        if count <= NAMED:
            within = [folder and path.is_relative_to(folder) for path in paths]
            names = [
                path.relative_to(folder or "") if is_in else path.name
                for path, is_in in zip(paths, within, strict=True)
            ]
            lines += [f"{shown(name)}: {why}" for name in names]
        else:
            kinds = Counter(shown(path.suffix.lower()) or "without suffix" for path in paths)
            listed = ", ".join(f"{number} {kind}" for kind, number in kinds.most_common(5))
            lines.append(f"{count} files ({listed}{', …' if len(kinds) > 5 else ''}): {why}")
    return lines
