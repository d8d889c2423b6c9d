"""The environment that a command names."""

from pathlib import Path

import click

from mnistm_da.errors import unknown
from mnistm_da.project_paths import the_project


def check_environment(conf: str | Path, env: str | None) -> None:
    """Refuse an environment that has no folder; configuration in an archive or elsewhere is Kedro's to look at.

    Raises:
        click.UsageError: names the environment, and those that there are; or there is no project here.
    """
    folder = Path(conf)
    if not folder.exists() and "://" not in str(conf):
        the_project()
    if not env or not folder.is_dir():
        return
    known = [path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
    if env not in known:
        raise click.UsageError(unknown("environment", env, known))
