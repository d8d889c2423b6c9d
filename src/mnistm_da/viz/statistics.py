"""Rows, columns and file size of saved data, for kedro-viz.

kedro-viz counts them in a run, of tables alone, and forgets those of all earlier runs. Of a versioned dataset it takes
the size of the folder of its versions for the size of a file.
"""

import json
import struct
from collections.abc import Callable, Iterable
from math import prod
from typing import Any

from kedro.io import CatalogProtocol
from upath import UPath

from mnistm_da.lineage.trace import newest
from mnistm_da.storage import files

Statistics = dict[str, int]


def statistics(catalog: CatalogProtocol, names: Iterable[str]) -> dict[str, Statistics]:
    """Give ``rows``, ``columns`` and ``file_size`` (bytes) of the newest version of each dataset that has one.

    Args:
        catalog: of a Kedro context.
        names: of the datasets.
    """
    found = {}
    with files.listed_once():
        for name in names:
            dataset: Any = catalog.get(name)
            here = newest(dataset)
            if here:
                found[name] = _of_file(here[1])
                dataset.release()  # so that a click shows a version that has come since
    return found


def _of_file(path: UPath) -> Statistics:
    count = COUNTED.get(path.suffix)
    return (count(path) if count else {}) | {"file_size": path.stat().st_size}


def _of_arrays(path: UPath) -> Statistics:
    """Count what the header of a safetensors file tells: a row is an image, and columns are its numbers.

    Without images, arrays of one length stand beside each other, and arrays of equal rows one below the other. Others,
    such as weights, have no rows.
    """
    with path.open("rb") as file:
        [length] = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
    shapes = {name: tuple(array["shape"]) for name, array in header.items() if name != "__metadata__"}
    counted = [shape for name, shape in shapes.items() if name.endswith("images")] or list(shapes.values())
    lengths, widths = [shape[:1] for shape in counted], [shape[1:] for shape in counted]
    if len({*widths}) == 1 and all(widths):
        return {"rows": sum(length for [length] in lengths), "columns": prod(widths[0])}
    if len({*lengths}) == 1 and all(lengths):
        return {"rows": lengths[0][0], "columns": sum(map(prod, widths))}
    return {}


def _of_parquet(path: UPath) -> Statistics:
    from pyarrow import parquet

    with path.open("rb") as file:
        about = parquet.read_metadata(file)
    return {"rows": about.num_rows, "columns": about.num_columns}


def _of_csv(path: UPath) -> Statistics:
    import pandas as pd

    with path.open("rb") as file:
        rows, columns = pd.read_csv(file).shape
    return {"rows": rows, "columns": columns}


COUNTED: dict[str, Callable[[UPath], Statistics]] = {
    ".safetensors": _of_arrays,
    ".parquet": _of_parquet,
    ".csv": _of_csv,
}
"""By the ending of a file; of any other, only its size is told."""
