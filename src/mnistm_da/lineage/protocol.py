"""All that lineage asks of a dataset beside Kedro's own methods. Each answer may be missing.

``reads``
    Names in the catalog. A record names these as inputs in place of the dataset. Several: the dataset looks at others.
    One: it has the same file as another. None: it changes no result. A catalog entry may also give them in its
    metadata.
``content()``
    A hash, for raw data, which have no version.
``place``
    Where the raw data are read from: a path, as text.
``imports``
    Full names of modules that the dataset imports by name, so that no import statement tells them.
"""

from typing import Any

RAW = "raw"
"""The version that records give raw data, which have none."""


def reads(dataset: Any, name: str) -> tuple[str, ...]:
    """Give the names under which a dataset is recorded where it is an input: its own, if it says nothing."""
    said = getattr(dataset, "reads", None)
    if said is None:
        said = (getattr(dataset, "metadata", None) or {}).get("reads")
    return (name,) if said is None else tuple(said)


def is_raw(dataset: Any) -> bool:
    """Say whether the dataset reads raw data from outside, whose hash it gives."""
    return hasattr(dataset, "content")


def read_with(dataset: Any) -> list[str]:
    """Give the full names of the modules that read raw data: that of the dataset's class, and what ``imports`` says."""
    return [type(dataset).__module__, *getattr(dataset, "imports", ())] if is_raw(dataset) else []


def place(dataset: Any) -> dict[str, str]:
    """Give where raw data are read from now, as ``place``; an empty dictionary for a dataset that does not say."""
    found = getattr(dataset, "place", None)
    return {"place": found} if found else {}
