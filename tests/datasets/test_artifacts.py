import csv

import pandas as pd
import pytest

from mnistm_da.datasets.artifacts import CSVDataset

NAMES = [
    "=1+1.png",
    "+1.png",
    "-1.png",
    "@sum.png",
    "\t=1.png",
    " =1.png",
    "＝1.png",
    "'=1.png",
    "'a.png",
    "a=1.png",
    "7.png",
]


@pytest.mark.parametrize("dtype", ["object", "string"])
def test_a_name_is_no_formula_of_a_spreadsheet_and_comes_back_as_it_was(tmp_path, dtype):
    dataset = CSVDataset(filepath=str(tmp_path / "a.csv"), save_args={"index": False})
    table = pd.DataFrame({"file": pd.Series(NAMES, dtype=dtype), "change": range(-5, len(NAMES) - 5)})
    dataset.save(table)
    with (tmp_path / "a.csv").open(newline="") as file:
        written = [row["file"] for row in csv.DictReader(file)]
    assert [name.lstrip()[0] for name in written[:8]] == ["'"] * 8
    assert written[8:] == NAMES[8:]
    loaded = dataset.load()
    assert list(loaded["file"]) == NAMES
    assert list(loaded["change"]) == list(range(-5, len(NAMES) - 5))


def test_a_table_is_utf_8_whatever_the_machines_own_encoding_is(tmp_path):
    dataset = CSVDataset(filepath=str(tmp_path / "a.csv"), save_args={"index": False})
    assert dataset._fs_open_args_save["encoding"] == "utf-8"  # else Python takes that of the machine
    dataset.save(pd.DataFrame({"file": ["😀 é.png"]}))
    assert (tmp_path / "a.csv").read_bytes() == "file\n😀 é.png\n".encode()
    assert dataset.load()["file"].tolist() == ["😀 é.png"]
