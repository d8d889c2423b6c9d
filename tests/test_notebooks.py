"""The notebooks: committed without outputs, and each runs from top to bottom on a finished sample run."""

import re

import nbformat
import pytest
from nbclient import NotebookClient

from conftest import ROOT

NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))


def execute(folder, name):
    """Run a notebook where it lies, as Jupyter does, with the Python that runs the tests."""
    notebook = nbformat.read(folder / "notebooks" / name, as_version=4)
    where = {"metadata": {"path": str(folder / "notebooks")}}
    return NotebookClient(notebook, timeout=300, kernel_name="python3", resources=where).execute()


def printed(notebook):
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return "".join(output.text for output in outputs if output.output_type == "stream")


def pictures(notebook):
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return sum("image/png" in output.get("data", {}) for output in outputs)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_committed_without_outputs(name):
    notebook = nbformat.read(ROOT / "notebooks" / name, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
        assert cell.metadata == {}


def test_the_data(sample_run):
    notebook = execute(sample_run.folder, "01_the_data.ipynb")
    assert "the same bytes as in the catalog: True" in printed(notebook)
    assert pictures(notebook) == 6


def test_adaptation_by_hand(sample_run):
    """The two families that align features gain on the target; every family keeps the source."""
    notebook = execute(sample_run.folder, "02_adaptation_by_hand.ipynb")
    found = re.findall(r"^([\w, ]+): source ([\d.]+)%, target ([\d.]+)%", printed(notebook), re.MULTILINE)
    source = {name: float(accuracy) for name, accuracy, _ in found}
    target = {name: float(accuracy) for name, _, accuracy in found}
    assert list(target) == ["before", "source only, longer", "divergence", "adversarial", "reconstruction"]
    assert min(source.values()) > 90
    for family in ("divergence", "adversarial"):
        assert target[family] > target["before"] + 3, target
    assert pictures(notebook) == 3


def test_compare_runs(sample_run):
    """The comparison shows what the sample run was trained with: 6 epochs in place of the configured 20."""
    notebook = execute(sample_run.folder, "03_compare_runs.ipynb")
    assert "DIFFERENT" not in printed(notebook)
    assert "source_test          the same" in printed(notebook)
    results = "".join(str(output.get("data", "")) for cell in notebook.cells for output in cell.get("outputs", ()))
    for said in ("parameter training.epochs 6 → 20", "parameter embedding.method tsne → pca"):
        assert said in results
    assert pictures(notebook) == 1
