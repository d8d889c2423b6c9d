"""What lineage asks of a dataset beside Kedro's own methods: all of it, and every answer may be missing.

``reads``
    Names in the catalog. What is made with this dataset is recorded as made with those in its place: with several,
    for one that looks at others; with another, for one that has the same file; with none, for one that changes no
    result. An entry in the catalog may also say it in its metadata.
``content()``
    A hash, for what is read from outside and has no version.
``place``
    Where that is read from: a path, as text.
``imports``
    Full names of modules that read it and that no import statement tells, as they are imported by their names.
"""

from typing import Any

RAW = "raw"
"""The version of what is read from outside and has none."""


def reads(dataset: Any, name: str) -> tuple[str, ...]:
    """Give the names under which a dataset is recorded where it is an input: its own, if it says nothing."""
    said = getattr(dataset, "reads", None)
    if said is None:
        said = (getattr(dataset, "metadata", None) or {}).get("reads")
    return (name,) if said is None else tuple(said)


def is_raw(dataset: Any) -> bool:
    """Say whether it is read from outside, and gives the hash of that."""
    return hasattr(dataset, "content")


def read_with(dataset: Any) -> list[str]:
    """Give the full names of the modules that read raw data: that of the dataset's class, and what ``imports`` says."""
    return [type(dataset).__module__, *getattr(dataset, "imports", ())] if is_raw(dataset) else []


def place(dataset: Any) -> dict[str, str]:
    """Give where raw data are read from now, as ``place``; nothing for a dataset that does not say."""
    found = getattr(dataset, "place", None)
    return {"place": found} if found else {}
