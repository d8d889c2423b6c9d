"""Artifacts of small content, and the objects of a store: for the tests of versions."""

import numpy as np
import pandas as pd
from kedro.io import Version
from matplotlib.figure import Figure

from mnistm_da.datasets.artifacts import BytesDataset, CSVDataset, FigureDataset, JSONDataset, ParquetDataset
from mnistm_da.datasets.tensors import TensorsDataset
from mnistm_da.storage import files
from object_store import address

TABLE = pd.DataFrame({"a": [1, 2], "b": ["=x", "y"]})
ARRAYS = {"images": np.arange(12, dtype=np.uint8).reshape(3, 4), "labels": np.array([1, 2, 3])}
KINDS = [
    (TensorsDataset, "x.safetensors", ARRAYS),
    (JSONDataset, "x.json", {"accuracy": 0.5}),
    (CSVDataset, "x.csv", TABLE),
    (ParquetDataset, "x.parquet", TABLE),
    (BytesDataset, "x.onnx", b"\0\1"),
    (FigureDataset, "x.png", Figure()),
]


def make(kind, place, name="x.json", save="v1", load=None):
    """Give a dataset of this kind, with the versions that it saves and loads."""
    return kind(filepath=address(place / name), version=Version(load, save), credentials=dict(place.storage_options))


def objects(place):
    """Give the bytes of every object by its name."""
    return {str(file.path.relative_to(place)): file.bytes for file in files.below(place)}


def names(place):
    """Give the last part of every object's name, in order."""
    return sorted(name.rpartition("/")[2] for name in objects(place))
