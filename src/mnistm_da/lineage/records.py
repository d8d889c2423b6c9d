"""What one saved version was made from: a small JSON file beside its data, written before the data gets its name.

So data that is complete always has its record; a record without data belongs to a save that did not end.
"""

import hashlib
import json
import time
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from kedro.io import DatasetError

making: ContextVar[dict[str, Any] | None] = ContextVar("making", default=None)
"""What the node that runs now is made from; `TraceRun` sets it, a dataset's save writes it down."""

CHUNK = 1 << 20


def content_hash(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def record_path(data: Path) -> Path:
    """Give the place of a version's record: beside its data, hidden from Kedro's search for versions."""
    return data.with_name(f"{data.name}.lineage.json")


def describe(data: Path) -> dict[str, Any]:
    """Give the record of data that is about to get its name: its content, and what the running node is made from."""
    made_from = dict(making.get() or {})
    if "clock" in made_from:
        made_from["seconds"] = round(time.monotonic() - made_from.pop("clock"), 3)
    return {"content": content_hash(data), "bytes": data.stat().st_size} | made_from


def read(data: Path) -> dict[str, Any] | None:
    """Give the record of a saved version, or ``None`` where there is none or it is damaged."""
    try:
        found = json.loads(record_path(data).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and "content" in found else None


def verify(data: Path, name: str) -> None:
    """Compare a version's content with its record; what has no record is not checked.

    Raises:
        DatasetError: the file is not what was saved; names it and the cure.
    """
    record = read(data)
    if record and content_hash(data) != record["content"]:
        node = record.get("node")
        again = f"kedro run --nodes={node}" if node else "the command that made it"
        raise DatasetError(
            f"{data} is damaged: its content is not what was saved as {name or data.name}. Make it again with "
            f"`{again}`, or delete the folder {data.parent} to fall back to the version before"
        )
