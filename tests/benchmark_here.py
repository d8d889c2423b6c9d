"""A benchmark on a made-up pair of domains, in a folder."""

from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from kedro.io import DataCatalog, DatasetError, MemoryDataset

from benchmark_parameters import PARAMETERS
from mnistm_da.datasets.folders import ResultsDataset, StatesDataset
from mnistm_da.domains.format import DIGITS
from mnistm_da.parameters import LauncherParams
from mnistm_da.pipelines.benchmark.nodes import run_missing

DATA = {"source", "raw_target_images", "target_labels", "photos", "format"}


def made_up():
    rng = np.random.default_rng(0)
    source, photos = {}, {}
    for part, count in (("train", 124), ("test", 60)):
        labels = np.arange(count) % 10
        images = np.zeros((count, 1, 28, 28), dtype=np.uint8)
        images[np.arange(count), 0, 4 + 2 * labels] = 255
        source |= {f"{part}_images": images, f"{part}_labels": labels.astype(np.int64)}
        photos[f"{part}_pixels"] = rng.integers(0, 256, 3 * 40 * 50, dtype=np.uint8)
        photos[f"{part}_shapes"] = np.array([[40, 50]])
    target = {name: array for name, array in source.items() if "images" in name} | {"format": DIGITS}
    labels = {name: array for name, array in source.items() if "labels" in name}
    return source, target, labels, photos


class Stopped(BaseException):
    """As Ctrl-C in the middle of a training."""


def as_data(domains):
    """Give the datasets that every unit begins with, by name."""
    names = ("source", "raw_target_images", "target_labels", "photos")
    return dict(zip(names, domains, strict=True)) | {"format": DIGITS.model_dump()}


@dataclass(frozen=True)
class Place:
    """Finds the same made-up data again, in whatever process, as a `Workplace` does those of a project."""

    folder: str
    is_lost: bool = False
    data: tuple[str, ...] = tuple(sorted(DATA))

    def catalog(self):
        if self.is_lost:
            raise DatasetError("no such version of source")
        stores = {"stopped_runs": states_in(Path(self.folder)), "benchmark_runs": store_in(Path(self.folder))}
        return DataCatalog({name: MemoryDataset(value) for name, value in as_data(made_up()).items()} | stores)


def store_in(folder):
    return ResultsDataset(path=str(folder / "runs"))


def states_in(folder):
    return StatesDataset(path=str(folder / "states"))


def run(folder, domains, of, records=None, epochs=None, parameters=PARAMETERS):
    """Run a benchmark in a folder as its pipeline does, stopped after so many records or epochs; give these."""
    store, states = store_in(folder), states_in(folder).load()
    save, saved = states.save, []

    def save_and_stop(name, state):
        save(name, state)
        saved.append(name)
        if len(saved) == epochs:
            raise Stopped

    states.save = save_and_stop
    data = as_data(domains)
    with suppress(Stopped):
        place = Place(str(folder))
        chunks = run_missing(store.load(), states, place, parameters, of, LauncherParams(), **data)
        for chunk, _ in islice(chunks, records and records + 1):  # the first is empty
            store.save(chunk)
    return store.load(), states.names()


def missing_in(folder, domains, of, parameters=PARAMETERS, **launcher):
    stores = store_in(folder).load(), states_in(folder).load(), Place(str(folder))
    return run_missing(*stores, parameters, of, LauncherParams(**launcher), **as_data(domains))
