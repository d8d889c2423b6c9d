"""A notebook's code in this process, without Jupyter: quick, and the test sees its variables."""

from pathlib import Path
from typing import Any

import matplotlib.pyplot
import nbformat
from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project


def run_here(
    project: Path, name: str, environment: str, params: dict[str, Any], instead: tuple[tuple[str, str], ...] = ()
) -> dict[str, Any]:
    """Run all code but the magics, which only bring in the four variables that are given here.

    Args:
        project: its folder. The fixture ``kedro_here`` leaves this process as it was.
        name: of the notebook, without its ending.
        environment: of the session.
        params: of the session, in place of what the notebook's first line says.
        instead: pairs of code in the notebook and code to run in its place.

    Returns:
        The notebook's variables.
    """
    matplotlib.use("Agg")
    bootstrap_project(project)
    notebook = nbformat.read(project / f"notebooks/{name}.ipynb", as_version=4)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    code = "\n".join(line for line in code.splitlines() if not line.startswith("%"))
    for old, new in instead:
        assert old in code
        code = code.replace(old, new)
    with KedroSession.create(project_path=project, env=environment, runtime_params=params) as session:
        context = session.load_context()
        given = {"catalog": context.catalog, "context": context, "pipelines": pipelines, "session": session}
        exec(compile(code, name, "exec"), given)
    matplotlib.pyplot.close("all")
    return given
