"""The command line: how much longer it takes than in a Kedro project without anything in it."""

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from .data import Raw
from .measure import ROOT, Result, alternate

BARE = {
    "pyproject.toml": '[tool.kedro]\npackage_name = "bare"\nproject_name = "bare"\nkedro_init_version = "{version}"\n',
    "src/bare/__init__.py": "",
    "src/bare/settings.py": "",
    "src/bare/pipeline_registry.py": """
from kedro.pipeline import Pipeline


def register_pipelines():
    return {{"__default__": Pipeline([])}}
""",
}


def run(raw: Raw, rounds: int) -> Iterator[Result]:
    """Compare two commands that read the project but run nothing of it."""
    import kedro

    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder)
        for name, text in BARE.items():
            (bare / name).parent.mkdir(parents=True, exist_ok=True)
            (bare / name).write_text(text.format(version=kedro.__version__))
        for command in (("registry", "list"), ("run", "--help"))[: 1 if raw.is_quick else 2]:
            times = alternate(partial(_kedro, ROOT, command), partial(_kedro, bare, command), rounds)
            yield Result(
                f"kedro {' '.join(command)}",
                "the same in a bare project, seconds more",
                [mine - theirs for mine, theirs in times],
                "s",
                2,
                "at_most",
                {"seconds": statistics.median(mine for mine, _ in times)},
            )


def _kedro(project: Path, command: tuple[str, ...]) -> None:
    subprocess.run([sys.executable, "-m", "kedro", *command], cwd=project, capture_output=True, check=True)
