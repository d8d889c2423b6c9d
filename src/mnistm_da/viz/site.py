"""`python -m mnistm_da.viz.site`, which is `make site`: kedro-viz as files for any web server, such as GitHub Pages."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from mnistm_da.configuration import ARGUMENTS, Configuration
from mnistm_da.domains.raw_files import ENVIRONMENT_VARIABLE
from mnistm_da.environments import check_environment
from mnistm_da.mistakes import one_message
from mnistm_da.project_paths import the_project

from . import kedro_viz_private
from .anonymous import hide, traces
from .page import in_env, local

BUILD = Path("build")
"""Where kedro-viz writes."""

ERROR = "Error: "
"""What click prints before a message."""

ASK_BESIDE_THE_PAGE = """<script>{
  const ask = window.fetch;
  window.fetch = (address, ...more) =>
    ask(typeof address === "string" && address.startsWith("/api/") ? `.${address}` : address, ...more);
}</script>"""
"""kedro-viz asks for `/api/…` at the top of the web site. This site may lie in a folder, and asks there."""


@click.command()
@click.option("--env", "-e", envvar="KEDRO_ENV", default="sample", show_default=True, help="Kedro environment.")
@one_message()
def main(env: str) -> None:
    """Build the static site of this project's pipelines and newest artifacts, with nothing of this machine in it."""
    kedro_viz_private.check_installed()
    project = the_project().resolve()
    check_environment(project / "conf", env)
    os.chdir(project)
    shutil.rmtree(BUILD, ignore_errors=True)
    click.echo("kedro-viz collects the previews …")
    done = subprocess.run(  # in a separate process: what kedro-viz prints is for nobody
        [sys.executable, "-m", f"{__package__}.collect"],
        env=os.environ | {"KEDRO_ENV": env},
        capture_output=True,
        encoding="utf-8",
        errors="backslashreplace",
        check=False,
    )
    if not (BUILD / "api/deploy-viz-metadata").exists():  # it may end well all the same
        raise click.ClickException(
            f"kedro-viz did not finish the site: {last_said(done.stderr)}\n"
            f"All that it says: KEDRO_ENV={env} python -m {__package__}.collect"
        )
    outside, kept = folders_outside(project, env), data_root(project, env)
    for path in texts(BUILD):
        text = without_address(path.read_text(encoding="utf-8"), kept)
        path.write_text(in_env(hide(text, project, outside), env), encoding="utf-8")
    complete(BUILD)
    if found := [f"{path}: {word}" for path in texts(BUILD) for word in traces(_read(path), project, outside)]:
        shutil.rmtree(BUILD)  # or it could be published all the same
        raise click.ClickException("the site would name this machine: " + "; ".join(found))
    click.echo(f"{BUILD / 'index.html'}: look at it with `python -m http.server --directory {BUILD}`, from {project}")


def last_said(errors: str) -> str:
    """Give the message that a command ended with; of a traceback, its last line."""
    lines = [line for line in errors.splitlines() if line.strip()]
    starts = [number for number, line in enumerate(lines) if line.startswith(ERROR)]
    return "\n".join(lines[starts[-1] if starts else -1 :]).removeprefix(ERROR)


def complete(build: Path) -> None:
    """Let the site work without a server's answers, and in a folder of a web site, where GitHub Pages has projects."""
    for name in ("index.html", "404.html"):  # Pages serves the second one at an address of the Workflow view
        page = build / name
        text = local(page.read_text(encoding="utf-8"))
        page.write_text(text.replace("<head>", f"<head>{ASK_BESIDE_THE_PAGE}", 1), encoding="utf-8")
    (build / "api/metadata").write_text(kedro_viz_private.metadata(), encoding="utf-8")
    (build / ".nojekyll").touch()


def texts(build: Path) -> Iterator[Path]:
    """Give the files that hold what kedro-viz says of the project."""
    yield from sorted(path for path in (build / "api").rglob("*") if path.is_file())


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def data_root(project: Path, env: str) -> str:
    """Give the place of all artifacts, as it is configured."""
    configured: str = Configuration(str(project / "conf"), env=env, **ARGUMENTS)["globals"]["data_root"]
    return configured


def without_address(text: str, kept: str) -> str:
    """Write ``data_root`` in place of an object store's address, with its protocol or without."""
    protocol, is_store, place = kept.partition("://")
    address = rf"(?<![\w./-])(?:{protocol}://)?{re.escape(place.strip('/'))}(?![\w.-])"
    return re.sub(address, "data_root", text) if is_store else text


def folders_outside(project: Path, env: str) -> dict[Path, str]:
    """Give the folders that a user named for raw files and artifacts, and what they are called instead."""
    raw = os.environ.get(ENVIRONMENT_VARIABLE)
    found = {Path(raw).expanduser().absolute(): f"${ENVIRONMENT_VARIABLE}/"} if raw else {}
    configured = data_root(project, env)
    if "://" in configured:
        return found
    kept = Path(os.path.normpath(project / configured))
    return found if kept.is_relative_to(project) else found | {kept: "data_root/"}


if __name__ == "__main__":
    main()
