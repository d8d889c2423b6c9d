"""Short runs of the sample in their own project, for the crash matrix and for runs at the same time."""

import hashlib
import json
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from PIL import Image
from safetensors.numpy import load
from upath import UPath

import conftest
from conftest import clone
from forked import Forked
from object_store import Server, address

FAST = f"{conftest.FAST},training.epochs=2"
CLOCK = (".training_state.safetensors", ".timing.json")
"""Datasets that hold seconds; everything else is to be the same bytes whenever it is made."""


class SampleProject:
    """A fresh clone in which one pipeline is run on the sample.

    Args:
        folder: empty, or not there.
        pipeline: which.
        outputs: if named, only what these datasets need.
        server: on whose bucket all artifacts lie; else they lie in the project.
    """

    def __init__(self, folder: Path, pipeline: str, outputs: str = "", server: Server | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.outputs = outputs
        self.folder, self.pipeline, self.environment = clone(folder), pipeline, dict(os.environ)
        self.data = UPath(folder / "data/sample")
        if server:
            root = server.place(folder.name)
            self.data = UPath(str(root / "sample"), **root.storage_options, use_listings_cache=False)
            self.environment["MNISTM_DATA_ROOT"] = address(root)
            credentials = yaml.safe_dump({"data_root": dict(server.credentials)})
            (folder / "conf/local/credentials.yml").write_text(credentials)

    def start(self, *more: str, params: str = FAST, program: str = "") -> subprocess.Popen | Forked:
        """Start a run, its output in the file ``output``; ``program`` is what Python runs in place of ``-m kedro``."""
        command = ["run", f"--pipelines={self.pipeline}", "--env=sample", f"--params={params}"]
        command += [f"--to-outputs={self.outputs}"] if self.outputs else []
        output = self.folder / "output"
        output.write_text("")
        if not program:
            return Forked([*command, *more], self.folder, self.environment, output)
        with output.open("w") as out:
            asked = [sys.executable, "-c", program, *command, *more]
            return subprocess.Popen(asked, cwd=self.folder, env=self.environment, stdout=out, stderr=out)

    def run(self, *more: str, params: str = FAST) -> None:
        """Run to the end, and refuse a failure."""
        assert self.start(*more, params=params).wait() == 0, (self.folder / "output").read_text()

    def reset(self) -> None:
        """Take all artifacts away."""
        if self.data.exists():
            self.data.fs.rm(self.data.path, recursive=True)

    def versions(self) -> list[UPath]:
        """Give every file or object that Kedro would take for a saved version."""
        names = self.data.fs.find(self.data.path)
        found = [self.data / name.removeprefix(self.data.path).strip("/") for name in names]
        return sorted(p for p in found if p.name == p.parent.parent.name and p.parents[3] == self.data)

    def newest(self) -> dict[str, UPath]:
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
        name = "source_only.metrics.json"
        return json.loads((self.data / "08_reporting" / name / stamp / name).read_text())["seed"]

    def check_whole(self) -> int:
        """Read every saved version without this project's code; refuse a truncated one, and one without its record."""
        for path in self.versions():
            READ[path.suffix](path.read_bytes())
            if not path.name.endswith(".training_state.safetensors"):  # has one only after its last epoch
                record = json.loads(path.with_name(f"{path.name}.lineage.json").read_text())
                assert record["content"] == hashlib.sha256(path.read_bytes()).hexdigest(), path
        return len(self.versions())


READ = {
    ".json": json.loads,
    ".csv": lambda content: pd.read_csv(BytesIO(content)),
    ".parquet": lambda content: pd.read_parquet(BytesIO(content)),
    ".png": lambda content: np.asarray(Image.open(BytesIO(content))),
    ".safetensors": load,
}
