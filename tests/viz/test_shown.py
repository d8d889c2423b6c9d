"""Which pipelines kedro-viz lists, and the numbers that it tells of saved data."""

import json

import numpy as np
import pandas as pd
from kedro.io import DataCatalog, Version

from mnistm_da.datasets.artifacts import CSVDataset, JSONDataset, MarkdownDataset, ParquetDataset, ScoresDataset
from mnistm_da.datasets.tensors import TensorsDataset
from mnistm_da.pipeline_registry import register_pipelines
from mnistm_da.pipelines import DEFAULT_PIPELINE
from mnistm_da.viz.shown import shown
from mnistm_da.viz.statistics import statistics

PIPELINES = register_pipelines()
WARNING = 1000
"""kedro-viz warns of a graph whose boxes, and 1.5 times its arrows, are more."""


def size(pipeline):
    """Count boxes and arrows of a graph whose namespaces are closed: what only one of them reads is inside of it."""
    boxes = {node.name: node.namespace or node.name for node in pipeline.nodes}
    arrows = {(boxes[node.name], name) for node in pipeline.nodes for name in (*node.inputs, *node.outputs)}
    touching = pd.DataFrame(sorted(arrows), columns=["box", "dataset"]).groupby("dataset").size()
    ends = pipeline.inputs() | pipeline.outputs()
    drawn = {name for name, count in touching.items() if count > 1 or name in ends}
    drawn = {name for name in drawn if not name.startswith("params:")}  # which kedro-viz hides at first
    return len(set(boxes.values())) + len(drawn) + 1.5 * sum(name in drawn for _, name in arrows)


def test_few_pipelines_hold_every_node_and_the_default_one_is_the_first():
    found = shown(PIPELINES)
    assert next(iter(found)) == DEFAULT_PIPELINE
    assert {node.name for pipeline in found.values() for node in pipeline.nodes} == {
        node.name for pipeline in PIPELINES.values() for node in pipeline.nodes
    }
    assert {"adversarial", "divergence", "few_target_labels", "report", "benchmark"} <= set(found)
    assert not {"all", "mmd"} & set(found)
    assert found["__default__"].nodes == PIPELINES[DEFAULT_PIPELINE].nodes, "for the Workflow view"
    assert len(found) < 20
    unlabelled = shown(register_pipelines(labelled_target=False))
    assert "few_target_labels" not in unlabelled


def test_no_listed_pipeline_is_too_large_to_draw():
    assert all(size(pipeline) < WARNING for name, pipeline in shown(PIPELINES).items() if name != "report")
    assert size(PIPELINES["all"]) > WARNING, "so that the test can fail"


def test_every_kind_of_saved_data_has_its_numbers(tmp_path):
    table = pd.DataFrame({"a": [1, 2, 3], "b": [4.0, 5.0, 6.0]})
    images = {"images": np.zeros((7, 3, 4, 4), np.uint8), "labels": np.zeros(7, np.int64)}
    of_both = {f"{part}_images": np.zeros((count, 1, 4, 4), np.uint8) for part, count in (("train", 7), ("test", 2))}
    made = {
        "both": (TensorsDataset, of_both),
        "predictions": (TensorsDataset, {"source": np.zeros((4, 10)), "target": np.zeros((3, 10))}),
        "features": (TensorsDataset, {"source": np.zeros((4, 10)), "index": np.zeros(4)}),
        "images": (TensorsDataset, images),
        "weights": (TensorsDataset, {"first": np.zeros((2, 3)), "second": np.zeros(5)}),
        "table": (ParquetDataset, table),
        "text": (CSVDataset, table),
        "record": (JSONDataset, {"a": 1}),
    }
    catalog = DataCatalog()
    for name, (kind, data) in made.items():
        catalog[name] = kind(filepath=str(tmp_path / f"{name}{ENDINGS[kind]}"), version=Version(None, None))
        catalog.save(name, data)
    catalog["never"] = JSONDataset(filepath=str(tmp_path / "never.json"), version=Version(None, None))
    found = statistics(catalog, [*made, "never"])
    assert "never" not in found
    assert {name: (one.get("rows"), one.get("columns")) for name, one in found.items()} == {
        "both": (9, 4 * 4),
        "predictions": (7, 10),
        "features": (4, 11),
        "images": (7, 3 * 4 * 4),
        "weights": (None, None),
        "table": (3, 2),
        "text": (3, 2),
        "record": (None, None),
    }
    for name in made:
        [file] = [path for path in tmp_path.glob(f"{name}.*/*/{name}.*") if "lineage" not in path.name]
        assert found[name]["file_size"] == file.stat().st_size


ENDINGS = {TensorsDataset: ".safetensors", ParquetDataset: ".parquet", CSVDataset: ".csv", JSONDataset: ".json"}


def test_the_two_accuracies_stand_first(tmp_path):
    scores = {"algorithm": "dann", "source_test": {"accuracy": 0.9}, "target_test": {"accuracy": None}}
    dataset = ScoresDataset(filepath=str(tmp_path / "a.json"), version=Version(None, "v1"))
    dataset.save(scores)
    first = {"target test accuracy": None, "source test accuracy": 0.9}
    assert list(json.loads(dataset.preview()).items()) == list((first | scores).items())


def test_markdown_is_typeset_without_marks_and_without_foreign_html(tmp_path):
    dataset = MarkdownDataset(filepath=str(tmp_path / "a.md"), version=Version(None, "v1"))
    dataset.save("# A card\n\n| a |\n|---|\n| `dann` |\n\n<script>alert(1)</script>\n")
    shown = str(dataset.preview())
    assert "<h1>A card</h1>" in shown
    assert "<td><code>dann</code></td>" in shown
    assert "`" not in shown
    assert "<script>" not in shown
