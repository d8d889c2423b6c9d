"""Where the project is, from whichever of its folders a command was started.

Kedro makes ``filepath`` and ``path`` of a catalog entry absolute by itself; here is what it leaves to others.
"""

from pathlib import Path


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


def as_user_means(path: Path) -> Path:
    """Find what a user typed: beside where the command was started if it exists there, else in the project.

    Args:
        path: with ``~``, absolute, or relative.

    Returns:
        A path that exists, or ``path`` without ``~`` if there is nothing at either place.
    """
    path = path.expanduser()
    root = project_root()
    return root / path if root and not path.exists() and (root / path).exists() else path
