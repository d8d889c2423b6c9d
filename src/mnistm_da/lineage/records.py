"""The record of a saved version: a small JSON file beside its data, written before the data gets its name.

So data that is complete always has its record; a record without data belongs to a save that did not end.
"""

import hashlib
import json
import shlex
import time
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from kedro.io import DatasetError
from upath import UPath

from mnistm_da import hashes
from mnistm_da.hashes import text_hash
from mnistm_da.storage import files
from mnistm_da.storage.errors import StoreError
from mnistm_da.storage.whole import whole_file

Record = dict[str, Any]

making: ContextVar[Record | None] = ContextVar("making", default=None)
"""What the node that runs now is made from; `TraceRun` sets it, a dataset's save writes it down."""


class DamagedRecordError(DatasetError):
    """A record was cut off, or changed by hand."""


def content_hash(path: UPath | Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    if files.is_local(path):
        return hashes.content_hash(path)
    return hashlib.sha256(files.read(UPath(path))).hexdigest()


def record_path(data: UPath) -> UPath:
    """Give the place of a version's record: beside its data, hidden from Kedro's search for versions."""
    return data.with_name(f"{data.name}.lineage.json")


def describe(data: UPath) -> str:
    """Give the record, as text, of data that is about to get its name: its content, and what the node is made from."""
    made_from = dict(making.get() or {})
    if "clock" in made_from:
        made_from["seconds"] = round(time.monotonic() - made_from.pop("clock"), 3)
    record = {"content": content_hash(data), "bytes": data.stat().st_size} | made_from
    return json.dumps(record | {"seal": _seal(record)}, indent=1)


def write(record: str, data: UPath) -> None:
    """Write the record of a version, whole or not at all."""
    with whole_file(record_path(data)) as temporary:
        temporary.write_text(record, encoding="utf-8")


def read(data: UPath) -> Record | None:
    """Give the record of a saved version, or ``None`` where there is none.

    Raises:
        DamagedRecordError: it was cut off or changed; names the file and the cure.
        StoreError: the store cannot be read.
    """
    path = record_path(data)
    try:
        found = json.loads(files.read(path))
        if found.pop("seal") != _seal(found):
            raise ValueError("it was changed after it was written")
    except FileNotFoundError:
        return None
    except StoreError:  # that it cannot be read now says nothing of the record
        raise
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise DamagedRecordError(
            f"{path} is damaged or was edited ({error or type(error).__name__}): what it says of {data.name} cannot be "
            f"trusted. Run again with --only-stale, which makes a new version, or delete the folder {data.parent}"
        ) from error
    return dict(found)


def verify(data: UPath, name: str, content: UPath | None = None) -> None:
    """Compare a version's content with its record; a version without a record is not checked.

    Args:
        data: the version.
        name: of the dataset's file, for the message.
        content: of the version, if it lies elsewhere too.

    Raises:
        DatasetError: the file or its record was changed after the save; names it and the cure.
        FileNotFoundError: there are no such data.
    """
    record = read(data)
    if record and content_hash(content or data) != record["content"]:
        damaged = sharing(data)
        others = [path.parent.name for path in damaged if path != data]
        shared = f" It is one file with version {', '.join(others)}, which is damaged with it." if others else ""
        folders = " ".join(shlex.quote(str(path.parent)) for path in damaged)
        raise DatasetError(
            f"{data} is damaged: its content has changed since {name} was saved.{shared} Make it again with "
            f"--only-stale (its node is {record.get('node')}), which makes a new file. Or fall back to the version "
            f"before: delete {folders}"
        )


def looks_unchanged(data: UPath, record: Record) -> bool:
    """Whether a version is what its record says: on a disk its content, in a store its size alone."""
    if files.is_local(data):
        return content_hash(data) == record["content"]
    return files.size(data) == record["bytes"]


def sharing(data: UPath) -> list[UPath]:
    """Give all versions, newest first, that are one file with ``data``: content that was saved before is linked."""
    if not files.is_local(data):
        return [data]
    versions = data.parent.parent.iterdir()
    found = (UPath(folder / data.name) for folder in versions if not folder.name.startswith("."))
    return sorted((path for path in found if path.exists() and path.samefile(data)), reverse=True)


def _seal(record: Record) -> str:
    """Hash of all that a record says, so that a change by hand is seen."""
    return text_hash(json.dumps(record, sort_keys=True))[:16]
