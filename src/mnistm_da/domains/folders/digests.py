"""What files hold, as hashes: each file is read once in a process, unless it changes."""

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

from ...cores import usable
from ..pictures.find import shown
from .places import MOST_FILES


def digests_of(paths: Iterable[Path]) -> dict[Path, str]:
    """Give the SHA-256 of every file; of one that cannot be opened, why not."""
    found = list(paths)
    with ThreadPoolExecutor(usable()) as pool:  # hashing releases the interpreter lock
        return dict(zip(found, pool.map(_digest_now, found), strict=True))


def _digest_now(path: Path) -> str:
    try:
        state = path.stat()
        return _digest(path, state.st_size, state.st_mtime_ns)
    except OSError as error:  # a locked picture is left out when it is decoded; unlocked, it is another content
        return f"{type(error).__name__} {shown(path)}"


@lru_cache(maxsize=3 * MOST_FILES)  # a smaller one would have forgotten the first when a survey begins anew
def _digest(path: Path, size: int, changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
