"""Short runs of the sample in a project of their own, for the crash matrix and for runs at the same time."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from safetensors.numpy import load_file

from conftest import clone

FAST = "training.epochs=2,embedding.samples=60,embedding.method=pca"
CLOCK = (".training_state.safetensors", ".timing.json")
"""Datasets that hold seconds; everything else is to be the same bytes whenever it is made."""


class SampleProject:
    """A fresh clone in which one pipeline is run on the sample.

    Args:
        folder: empty, or not there.
        pipeline: which.
    """

    def __init__(self, folder: Path, pipeline: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.pipeline, self.data = clone(folder), pipeline, folder / "data/sample"

    def start(self, *more: str, params: str = FAST, program: tuple[str, ...] = ("-m", "kedro")) -> subprocess.Popen:
        """Start a run, its output in the file ``output``."""
        command = [
            sys.executable,
            *program,
            "run",
            f"--pipelines={self.pipeline}",
            "--env=sample",
            f"--params={params}",
        ]
        with (self.folder / "output").open("w") as output:
            return subprocess.Popen([*command, *more], cwd=self.folder, stdout=output, stderr=output)

    def run(self, *more: str, params: str = FAST) -> None:
        """Run to the end, and refuse a failure."""
        assert self.start(*more, params=params).wait() == 0, (self.folder / "output").read_text()

    def reset(self) -> None:
        """Take all artifacts away."""
        shutil.rmtree(self.data, ignore_errors=True)

    def versions(self) -> list[Path]:
        """Give every file that Kedro would take for a saved version."""
        return sorted(p for p in self.data.glob("0*/*/*/*") if p.name == p.parent.parent.name)

    def newest(self) -> dict[str, Path]:
        """Give the newest version of every dataset by its file name."""
        return {path.name: path for path in self.versions()}

    def contents(self, stamp: str = "*") -> dict[str, str]:
        """Hash the newest version of everything that holds no seconds; of one run, if its stamp is given."""
        found = {path.name: path for path in self.versions() if stamp in ("*", path.parent.name)}
        return {
            name: hashlib.sha256(path.read_bytes()).hexdigest()
            for name, path in found.items()
            if not name.endswith(CLOCK)
        }

    def seed(self, stamp: str) -> int:
        """Give the seed of the run with a stamp."""
        [path] = self.data.glob(f"*/source_only.metrics.json/{stamp}/source_only.metrics.json")
        return json.loads(path.read_text())["seed"]

    def check_whole(self) -> int:
        """Read every saved version without this project's code; refuse a truncated one, and one without its record."""
        for path in self.versions():
            READ[path.suffix](path)
            if not path.name.endswith(".training_state.safetensors"):  # has one only after its last epoch
                record = json.loads(path.with_name(f"{path.name}.lineage.json").read_text())
                assert record["content"] == hashlib.sha256(path.read_bytes()).hexdigest(), path
        return len(self.versions())


def _load_picture(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


READ = {
    ".json": lambda path: json.loads(path.read_text()),
    ".csv": pd.read_csv,
    ".parquet": pd.read_parquet,
    ".png": _load_picture,
    ".safetensors": load_file,
}
