"""The notebooks: committed without outputs, each runs from top to bottom; the first three on a finished sample run."""

import re

import nbformat
import numpy as np
import pytest
import yaml
from nbclient import NotebookClient
from PIL import Image

from conftest import ROOT, SAMPLE_EPOCHS, TEST_SEED, clone
from mnistm_da.domains.digit_sets import mnist_sample, synthetic_photos
from mnistm_da.pipelines.prediction.nodes import classify, read_images
from notebook_here import run_here

FEW = "STEPS, BATCH, RATE = 10"
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))


def execute(folder, name, instead=(), then=""):
    """Run a notebook where it lies, as Jupyter does, with the Python that runs the tests.

    Args:
        folder: of the project.
        name: of the notebook.
        instead: pairs of a text that the notebook has once and the text that replaces it.
        then: code that is run after it.
    """
    notebook = nbformat.read(folder / "notebooks" / name, as_version=4)
    seed = ('"sample", ""', f'"sample", "seed={TEST_SEED}"')  # of the run that is looked at
    for old, new in (seed, *instead):
        [cell] = [cell for cell in notebook.cells if old in cell.source]
        cell.source = cell.source.replace(old, new)
    notebook.cells.append(nbformat.v4.new_code_cell(then))
    where = {"metadata": {"path": str(folder / "notebooks")}}
    return NotebookClient(notebook, timeout=300, startup_timeout=300, kernel_name="python3", resources=where).execute()


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


CHECKS = """
f = torch.randn(4, 3, requires_grad=True)
reversed_f = reverse(f, 0.5)
reversed_f.sum().backward()
print("forwards nothing changes:", torch.allclose(reversed_f, f), "backwards:", f.grad.unique().tolist())

def gradient(loss_of, *networks):
    for network in networks:
        network.zero_grad()
    s, t = (as_input(splits[name]["images"][:64]) for name in ("source_train", "target_train"))
    loss_of(s, splits["source_train"]["labels"][:64], t, 0.5).backward()
    return networks[0][1].weight.grad.clone()

def is_moved_by_target(loss_of, *networks):
    torch.manual_seed(0)
    with_target = gradient(loss_of, *networks)
    images = splits["target_train"]["images"]
    splits["target_train"]["images"] = 255 - images.flip(0)
    torch.manual_seed(0)
    without = gradient(loss_of, *networks)
    splits["target_train"]["images"] = images
    return not torch.equal(with_target, without)

G, C = source_only()
for family in (more_of_the_same, divergence, adversarial, reconstruction):
    print(family.__name__, "learns from target images:", is_moved_by_target(family, G, C, D, R))
"""
"""After the second notebook: properties of its losses that hold however long they were trained with."""


def test_adaptation_by_hand(sample_run):
    """Each loss learns from what its text says; a verdict follows from its accuracies. How many steps is no matter."""
    notebook = execute(sample_run.folder, "02_adaptation_by_hand.ipynb", [("STEPS, BATCH, RATE = 150", FEW)], CHECKS)
    assert "forwards nothing changes: True backwards: [-0.5]" in printed(notebook)
    learns = re.findall(r"^(\w+) learns from target images: (\w+)", printed(notebook), re.MULTILINE)
    by_name = {"more_of_the_same": "False", "divergence": "True", "adversarial": "True", "reconstruction": "True"}
    assert dict(learns) == by_name
    found = re.findall(r"^([\w, ]+): source ([\d.]+)%, target ([\d.]+)%", printed(notebook), re.MULTILINE)
    target = {name: float(accuracy) for name, _, accuracy in found}
    assert list(target) == ["before", "source only, longer", "divergence", "adversarial", "reconstruction"]
    verdicts = re.findall(
        r"^([\w, ]+): ([+-][\d.]+) points on the target, (.*) \(more than ([\d.]+) is", printed(notebook), re.MULTILINE
    )
    assert [name for name, *_ in verdicts] == list(target)[1:]
    for name, gain, verdict, needed in verdicts:
        assert float(gain) == pytest.approx(target[name] - target["before"], abs=0.11)
        if abs(abs(float(gain)) - float(needed)) > 0.1:  # else rounding decides
            assert (verdict == "a gain") == (float(gain) > float(needed))
            assert (verdict == "a loss") == (float(gain) < -float(needed))
    assert pictures(notebook) == 3


def test_compare_runs(sample_run):
    """The comparison shows what the sample run was trained with: few epochs in place of those configured."""
    configured = yaml.safe_load((ROOT / "conf/sample/parameters.yml").read_text(encoding="utf-8"))["training"]["epochs"]
    notebook = execute(sample_run.folder, "03_compare_runs.ipynb")
    assert "DIFFERENT" not in printed(notebook)
    assert "source_test          the same" in printed(notebook)
    results = "".join(str(output.get("data", "")) for cell in notebook.cells for output in cell.get("outputs", ()))
    for said in (f"parameter training.epochs {SAMPLE_EPOCHS} → {configured}", "parameter embedding.method tsne → pca"):
        assert said in results
    assert pictures(notebook) == 1


QUICK = {"training": {"epochs": 1, "batch_size": 16}, "network": {"width": 4}, "seed": TEST_SEED}
EXAMPLE = {"source": "data/example/scans", "target": "data/example/photos"}
PARTS = {"photos": "train", "checked": "test"}


@pytest.fixture
def own(tmp_path):
    return clone(tmp_path / "own")


def colours(_):
    """Give digits in another look: drawing the photos takes seconds."""
    found = mnist_sample.load(_)
    images = {name: 255 - found[name][:, None].repeat(3, axis=1) // 2 for name in ("train_images", "test_images")}
    return found | images


def test_your_own_pictures(own, kedro_here, monkeypatch, capsys):
    """Whatever the networks have learned: the verdicts follow from the pictures that they classify right."""
    monkeypatch.chdir(own)
    monkeypatch.setattr(synthetic_photos, "load", colours)
    small = (("PICTURES, CHECKED = 600, 300", "PICTURES, CHECKED = 150, 40"),)
    found = run_here(own, "04_your_own_pictures", "pictures", EXAMPLE | QUICK, small)
    told = capsys.readouterr().out
    assert "{'checked': 40, 'photos': 150, 'scans': 150}" in told
    right = {name: of.astype(float) for name, of in found["right"].items()}
    for name, of in right.items():
        assert f"{name}: {100 * of.mean():.1f} ± " in told
    verdicts = re.findall(r"^(\w+): ([+-][\d.]+) points, (.*) \(more than ([\d.]+) is", told, re.MULTILINE)
    assert [name for name, *_ in verdicts] == ["dann", "adabn"]
    for name, gain, verdict, needed in verdicts:
        change = right[name] - right["source_only"]
        error = change.std() / len(change) ** 0.5
        assert float(gain) == pytest.approx(100 * change.mean(), abs=0.06)
        assert float(needed) == pytest.approx(300 * error, abs=0.06)
        assert (verdict == "a gain") == (change.mean() > 3 * error)
        assert (verdict == "a loss") == (change.mean() < -3 * error)
    gains = [name for name, _, verdict, _ in verdicts if verdict == "a gain"]
    [kept] = re.findall(r"^Keep (\w+):", told, re.MULTILINE)
    assert kept == max(gains, key=lambda name: right[name].mean(), default="source_only")
    ranges = re.findall(r"(?:ATC|DoC): target (\d+)% \((\d+) to (\d+)\)", told)
    assert len(ranges) == 2 * len(right)
    assert all(int(low) <= int(value) <= int(high) for value, low, high in ranges)

    catalog = found["catalog"]  # and the nodes of `predict` classify the same pictures right
    settings = [catalog.load(f"params:{name}") for name in ("predict", "pictures")]
    by_nodes = {}
    for folder in (own / "data/example/checked").iterdir():
        table = classify(catalog.load("dann.model"), read_images(folder, *settings), "dann", *settings, "cpu")
        by_nodes |= dict(zip(table["file"], table["class"] == folder.name, strict=True))
    assert np.array_equal(found["right"]["dann"], [by_nodes[path.name] for path in found["found"]])


def test_your_own_pictures_without_labels(own, kedro_here, monkeypatch, capsys):
    """Of folders that the notebook did not make, which are left as they are, nothing is known of the gain."""
    monkeypatch.chdir(own)
    scans, photos = mnist_sample.load(own), colours(own)
    coloured = {name: photos[f"{part}_images"].transpose(0, 2, 3, 1) for name, part in PARTS.items()}
    for name, of in ({"scans": scans["train_images"]} | coloured).items():
        for number, label in enumerate(scans["train_labels"][:150]):
            path = own / f"data/mine/{name}/{label}/{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(of[number]).save(path)
    mine = (
        ("data/example/scans,target=data/example/photos", "data/mine/scans,target=data/mine/photos"),
        ('ADAPTED = ["dann", "adabn"]', 'ADAPTED = ["adabn"]'),
    )
    params = {name: place.replace("example", "mine") for name, place in EXAMPLE.items()}
    run_here(own, "04_your_own_pictures", "pictures", params | QUICK, mine)
    assert "Nobody can say whether the adaptation helped" in capsys.readouterr().out
    assert not (own / "data/example").exists()
    assert (own / "data/mine/checked").is_dir()
