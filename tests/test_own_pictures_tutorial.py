"""The example of docs/own_pictures.md."""

from types import SimpleNamespace

import numpy as np

from mnistm_da.domains import digit_sets
from mnistm_da.domains.folders import Places, survey


def test_the_tutorials_example_makes_two_folders_that_are_a_pair(root, tmp_path, monkeypatch):
    page = (root / "docs/own_pictures.md").read_text(encoding="utf-8")
    [script] = [block.partition("```")[0] for block in page.split("```python\n")[1:]]
    random = np.random.default_rng(0)
    arrays = {f"{part}_labels": np.arange(size) % 10 for part, size in (("train", 4000), ("test", 1000))}

    def small(name):
        shape = (8, 8) if name == "mnist_sample" else (3, 8, 8)
        images = {
            f"{part}_images": random.integers(0, 256, (size, *shape), np.uint8)
            for part, size in (("train", 4000), ("test", 1000))
        }
        return SimpleNamespace(load=lambda raw: arrays | images)

    monkeypatch.setattr(digit_sets, "digit_set", small)
    monkeypatch.chdir(tmp_path)
    exec(compile(script, "example.py", "exec"), {})
    found = survey(Places((tmp_path / "scans",), tmp_path / "photos", tmp_path / "checked"), 0.2)
    assert found.classes == tuple(f"digit {number}" for number in range(10))
    assert [len(found.parts[part]) for part in ("source_train", "source_test", "target_train", "target_test")] == [
        1200,
        300,
        1500,
        400,
    ]
