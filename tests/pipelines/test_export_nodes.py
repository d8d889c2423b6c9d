"""The pipeline `export`, by the real command line."""

import hashlib
import json
import re
from pathlib import Path

import numpy as np
import torch
from safetensors import numpy as safetensors

from conftest import newest


def test_an_exported_model_is_used_as_its_card_says(sample_copy, kedro_here, monkeypatch):
    """The two examples of the card give the predictions that the evaluation gave."""
    done = kedro_here("run", "--pipelines=export", "--env=sample", "--params=model=dann", cwd=sample_copy)
    assert done.returncode == 0, done.stdout + done.stderr
    card = newest(sample_copy, "dann.model_card.md").read_text(encoding="utf-8")
    metrics = json.loads(newest(sample_copy, "dann.metrics.json").read_text())["target_test"]
    check = json.loads(newest(sample_copy, "dann.export_check.json").read_text())
    assert check["agree"]
    assert check["target_test"]["classified_otherwise"] == 0
    assert f"| {100 * metrics['accuracy']:.2f} |" in card
    test = safetensors.load_file(newest(sample_copy, "target_test.safetensors"))
    for kind, example in zip(("onnx", "pt2"), re.findall(r"```python\n(.*?)```", card, re.DOTALL), strict=True):
        assert len(example.splitlines()) == 3
        monkeypatch.chdir(newest(sample_copy, f"dann.{kind}").parent)
        names = {"images": test["images"], "torch": torch}
        exec(example, names)
        predictions = np.asarray(names["probabilities"].tolist()).argmax(axis=1)
        assert (predictions == test["labels"]).mean() == metrics["accuracy"]
        assert hashlib.sha256(Path(f"dann.{kind}").read_bytes()).hexdigest() in card
