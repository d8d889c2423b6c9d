"""`mnistm-da new my-project`: a folder in which `kedro run` works with the installed package.

The files to write lie in `files/`. Of these, the repository has only what its own project lacks; the others, such as
`conf/`, come from its root when a wheel is built (`tool.hatch.build.targets.wheel` in pyproject.toml).
"""

import json
import shlex
import shutil
from importlib.metadata import version
from pathlib import Path
from string import Template

import click

from mnistm_da import __version__

FILES = Path(__file__).parent / "files"

PROJECT_FILE = "pyproject.toml"
"""The one file that is filled in; all others are written as they are."""


@click.group()
@click.version_option(__version__, prog_name="mnistm-da")
def main() -> None:
    """Domain adaptation of images; in a project's folder, `kedro --help` lists the commands."""


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
def new(folder: Path) -> None:
    """Write a new project: configuration, notebooks, and folders for data."""
    _check_installed()
    _check_empty(folder)
    try:
        write(folder)
    except OSError as error:
        raise click.ClickException(
            f"'{error.filename or folder}' cannot be written ({error.strerror}). Mend that, then try again with an "
            "empty folder."
        ) from error
    here = "" if folder.resolve() == Path.cwd() else f"  cd {shlex.quote(str(folder))}\n"
    click.echo(
        f"'{folder}' is a project now. To train DANN and both baselines on a small sample, two minutes:\n{here}"
        "  kedro run --pipelines=dann --env=sample"
    )


def write(folder: Path) -> None:
    """Write all files of a new project.

    Args:
        folder: empty, or not there.

    Raises:
        OSError: a file cannot be written.
    """
    for source in sorted(path for path in FILES.rglob("*") if path.is_file()):
        target = folder / source.relative_to(FILES)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)  # without the permissions of an installation
    text = Template((FILES / PROJECT_FILE).read_text(encoding="utf-8"))
    name = json.dumps(folder.resolve().name, ensure_ascii=False)[1:-1]  # a text of TOML is written as one of JSON
    filled = text.substitute(name=name, version=__version__, kedro=version("kedro"))
    (folder / PROJECT_FILE).write_text(filled, encoding="utf-8")


def _check_installed() -> None:
    """Refuse a package that is used where it is developed: only a wheel holds all files of a project."""
    if not (FILES / "conf").is_dir():
        repository = FILES.parents[3]
        raise click.UsageError(
            f"mnistm-da is used from its source code in '{repository}', which is a project itself: run `kedro` there. "
            "Projects elsewhere need the wheel: python -m build, then pip install dist/*.whl"
        )


def _check_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if folder.exists() or folder.is_symlink():
        kind = "is not empty" if folder.is_dir() else "is not a folder"
        raise click.UsageError(f"'{folder}' {kind}: name a new folder.")
