"""Where the project is, from whichever of its folders a command was started.

Kedro makes ``filepath`` and ``path`` of a catalog entry absolute by itself; here is what it leaves to others.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname


def project_root() -> Path | None:
    """Give the folder of the Kedro project that the working directory is in, if it is in one."""
    from kedro.utils import find_kedro_project

    found: Path | None = find_kedro_project(Path.cwd())
    return found


def the_project() -> Path:
    """Give the same folder to a command that needs it.

    Raises:
        click.UsageError: the working directory is in no project.
    """
    import click

    root = project_root()
    if root is None:
        raise click.UsageError(f"'{Path.cwd()}' is not in a Kedro project: change to the project's folder first.")
    return root


def without_scheme(text: str) -> str:
    """Give the folder or file that an address such as ``file:///data`` names; any other text as it is."""
    address = urlsplit(text) if text.startswith("file:") else None
    return url2pathname(address.path) if address else text


def is_there(path: Path) -> bool:
    """Whether something is at a path: nothing is where a name is too long, or a folder may not be opened."""
    return os.path.exists(path)  # noqa: PTH110 - a Path raises an error then


def as_user_means(path: Path) -> Path:
    """Find what a user typed: beside where the command was started if it exists there, else in the project.

    Args:
        path: with ``~``, absolute, or relative.

    Returns:
        A path that exists, or ``path`` without ``~`` if there is nothing at either place.
    """
    path = Path(os.path.expanduser(path))  # noqa: PTH111 - a Path refuses the home of an unknown user
    root = project_root()
    return root / path if root and not is_there(path) and is_there(root / path) else path
