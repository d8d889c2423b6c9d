"""`python -m mnistm_da.viz.collect`: kedro-viz's files for a static site in build/, as `make site` completes them.

It is `kedro viz build --include-previews`, of the pipelines and with the statistics that `make viz` shows, too.
"""

import os
from pathlib import Path

import click
from kedro.framework.startup import bootstrap_project

from mnistm_da.mistakes import one_message

from . import kedro_viz_private


@click.command()
@one_message()
def main() -> None:
    """Write the files of the project in the working directory, in the environment that KEDRO_ENV names."""
    project = Path.cwd()
    kedro_viz_private.populate(project, os.environ["KEDRO_ENV"], bootstrap_project(project).package_name)
    kedro_viz_private.write_files()


if __name__ == "__main__":
    main()
