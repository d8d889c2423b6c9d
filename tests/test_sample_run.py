"""The finished run of the sample: what it printed and saved, and what one runs after it."""

import json
import re
import shutil

import numpy as np
import pandas as pd
from PIL import Image
from safetensors import numpy as safetensors

from conftest import SAMPLE_EPOCHS, SAMPLE_RUN, newest
from mnistm_da.adaptation.measures.percent import percent_with_error
from mnistm_da.pipeline_registry import register_pipelines

NEWS = re.compile(
    r"epoch \d+/\d+ · |training \w+ for \d+ epochs on |[\d,]+ training and [\d,]+ test (images of the source|photos)$"
)
"""How each line of a run's log begins that is not about a node. A warning has no other sign there than its words."""


def test_the_sample_run_ends_with_its_scores_and_places(sample_run):
    """The table last; above it one folder, two files, two commands; before that a line per node and per epoch."""
    lines = sample_run.output.rstrip().split("\n")
    for name, line in zip(("source_only", "target_only", "dann"), lines[-3:], strict=True):
        test = json.loads(sample_run.newest(f"{name}.metrics.json").read_text())["target_test"]
        assert line.split()[0] == name
        assert percent_with_error(test["accuracy"], test["count"]) in line
    [begin] = [number for number, line in enumerate(lines) if line.startswith("saved in")]
    assert lines[begin] == "saved in data/sample/08_reporting"
    assert [line.split("/")[0].strip() for line in lines[begin + 1 : begin + 3]] == [
        "dann.overview.png",
        "dann.comparison.csv",
    ]
    assert lines[begin + 3 : begin + 5] == [
        "  report: kedro run --pipelines=report --env=sample",
        "  viz:    make viz KEDRO_ENV=sample",
    ]
    assert lines[begin + 5].startswith("This dann is a small demonstration model:")
    log = [re.sub(r"^\d\d:\d\d:\d\d ", "", line) for line in lines[:begin]]
    count = len(register_pipelines()["dann"].nodes)
    nodes = [line for line in log if re.fullmatch(rf"\[\d+/{count}\] \S+", line)]
    assert [line.split("/")[0] for line in nodes] == [f"[{number}" for number in range(1, count + 1)]
    assert len([line for line in log if line.startswith("epoch ")]) == 3 * SAMPLE_EPOCHS
    assert [line for line in log if line not in nodes and not NEWS.match(line)] == []


def test_comparison_table_holds_the_scores_of_this_run(sample_run):
    table = pd.read_csv(sample_run.newest("dann.comparison.csv"))
    assert list(table["algorithm"]) == ["source_only", "dann", "target_only"]
    for _, row in table.iterrows():
        score = json.loads(sample_run.newest(f"{row['algorithm']}.metrics.json").read_text())
        assert row["target_test_accuracy"] == score["target_test"]["accuracy"]


def test_a_run_prints_no_warning(sample_run):
    assert "Warning" not in sample_run.output


def test_a_single_node_reruns_from_what_is_cached(sample_copy, kedro_here):
    before = newest(sample_copy, "dann.metrics.json")
    done = kedro_here("run", "--pipelines=dann", "--env=sample", "--nodes=dann.evaluate", cwd=sample_copy)
    assert done.returncode == 0, done.stdout + done.stderr
    after = newest(sample_copy, "dann.metrics.json")
    assert after != before
    assert json.loads(after.read_text()) == json.loads(before.read_text())


def test_only_what_is_stale_runs(sample_copy, kedro_here):
    """After a whole run nothing is; another kind of map changes the maps and their figures, but no training."""
    dann, as_before = ["--pipelines=dann", "--env=sample"], f"--params={SAMPLE_RUN}"
    nothing = kedro_here("run", *dann, as_before, "--only-stale", cwd=sample_copy)
    assert nothing.returncode == 0, nothing.stdout + nothing.stderr
    assert "Nothing is stale" in nothing.stdout
    params = f"{as_before},embedding.method=pca"
    told = kedro_here("status", *dann, params, "--json", cwd=sample_copy)
    assert told.returncode == 0, told.stdout + told.stderr
    states = json.loads(told.stdout)
    why = {one["node"]: one["why"] for one in states if one["state"] != "fresh"}
    assert why["dann.embed"][0] == "parameter embedding.method tsne → pca"
    assert not [name for name in why if name.endswith((".train", ".collect", ".select"))]
    model = newest(sample_copy, "dann.model.safetensors")
    done = kedro_here("run", *dann, params, "--only-stale", cwd=sample_copy)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "stale: dann.embed (parameter embedding.method tsne → pca" in " ".join(done.stdout.split())
    assert newest(sample_copy, "dann.model.safetensors") == model
    again = kedro_here("run", *dann, params, "--only-stale", cwd=sample_copy)
    assert "Nothing is stale" in again.stdout, again.stdout


def test_own_pictures_are_classified(sample_copy, kedro_here, tmp_path):
    """Test images, written as PNG files, come back as the same pixels and get the digits of the evaluation."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    tests = safetensors.load_file(newest(sample_copy, "source_test.safetensors"))
    probabilities = safetensors.load_file(newest(sample_copy, "source_only.predictions.safetensors"))["source"]
    for number in range(12):
        Image.fromarray(tests["images"][number, 0]).save(pictures / f"{number:02}.png")
    (pictures / "broken.png").write_bytes(b"")
    params = f"--params=images={pictures},model=source_only,predict.crop=none"
    done = kedro_here("run", "--pipelines=predict", "--env=sample", params, cwd=sample_copy)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "left out broken.png" in done.stdout
    assert "This source_only is a small demonstration model: " in done.stdout
    table = pd.read_csv(newest(sample_copy, "user_predictions.csv"))
    assert list(table["file"]) == [f"{number:02}.png" for number in range(12)]
    read = safetensors.load_file(newest(sample_copy, "user_images.safetensors"))["images"]
    np.testing.assert_array_equal(read, tests["images"][:12].repeat(3, axis=1))
    assert list(table["digit"]) == list(probabilities[:12].argmax(axis=1))
    assert newest(sample_copy, "contact_sheet.png").stat().st_size > 1000
    shutil.copy(pictures / "00.png", pictures / "99.png")
    done = kedro_here("run", "--pipelines=predict", "--env=sample", params, "--only-stale", cwd=sample_copy)
    assert " broken.png: it cannot be read (the file is empty)" in done.stdout
    assert "source_only was trained on" in " ".join(done.stdout.split())
    assert "raw data user_pictures changed" in " ".join(done.stdout.split())
    assert len(pd.read_csv(newest(sample_copy, "user_predictions.csv"))) == 13


def test_the_commands_that_kedro_viz_copies_of_predict_run(sample_copy, kedro_here):
    """Without the user's own folder, the ten pictures that come with the project."""
    for node in ("read_images", "classify", "plot_contact_sheet"):
        done = kedro_here("run", "--env=sample", f"--to-nodes={node}", cwd=sample_copy)
        assert done.returncode == 0, done.stdout + done.stderr
    table = pd.read_csv(newest(sample_copy, "user_predictions.csv"))
    assert list(table["file"]) == [f"{digit}.png" for digit in range(10)]
    assert table["digit"].notna().all()  # which digit depends on the training
