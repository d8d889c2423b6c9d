"""Results of the benchmark into the documentation: `make tables RESULTS=folder`.

A new result takes the place of those of its algorithm in another precision or with other parameters. Then every table
that is made of results alone is written anew. Sentences are not: tests compare their numbers, and name those to change.
"""

import argparse
import json
import re
import shutil
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mnistm_da.adaptation.measures import estimate_errors
from mnistm_da.adaptation.measures.estimate_errors import Checked, checked
from mnistm_da.configuration import ARGUMENTS, Configuration
from mnistm_da.datasets.folders import ResultsDataset
from mnistm_da.errors import UserError
from mnistm_da.pipelines.benchmark.names import made_with
from mnistm_da.pipelines.benchmark.pairs import pairwise, write_differences
from mnistm_da.pipelines.benchmark.table import write_markdown
from mnistm_da.registry import ALGORITHMS
from website import results

PAIR = ("MNIST", "MNIST-M")
ERRORS = Path("src/mnistm_da/adaptation/measures/estimate_errors.json")
TOLD_IN = (Path("docs/estimates.md"), Path("docs/own_pictures.md"))
TOLD = re.compile(r"\d+ runs on \d+ pairs.*?each the mean of its seeds\.", re.DOTALL)


def take_over(folder: Path) -> list[str]:
    """Copy the results with the default parameters from a folder, and take away those that they replace.

    Returns:
        The names of the results that are new.

    Raises:
        UserError: there is none.
    """
    new = of_defaults(ResultsDataset(path=str(folder)).load())
    if not new:
        raise UserError(f"{folder} has no result of the default parameters: name the folder that the benchmark fills")
    precisions = {one["algorithm"]: _precision(one) for one in new.values()}
    for name, old in results.records().items():
        if _precision(old) != precisions.get(old["algorithm"], _precision(old)):
            (results.FOLDER / f"{name}.json").unlink()
    for name in new:
        shutil.copyfile(folder / f"{name}.json", results.FOLDER / f"{name}.json")
    results.records.cache_clear()
    for name in results.records().keys() - of_defaults(results.records()).keys():
        (results.FOLDER / f"{name}.json").unlink()
    results.records.cache_clear()
    results.results.cache_clear()
    return sorted(new)


def of_defaults(records: dict[str, Any]) -> dict[str, Any]:
    """Give those of the results that were made with the default parameters, in whichever precision."""
    parameters = Configuration("conf", env="base", **ARGUMENTS)["parameters"]
    found: dict[str, Any] = {}
    for precision in ("bfloat16", "float32"):
        training = parameters["training"] | {"precision": precision}
        found |= made_with(records, parameters | {"training": training})
    return found


def _precision(record: dict[str, Any]) -> str:
    return str(record["parameters"]["training"]["precision"])


def with_errors_of(runs: Iterable[Checked], records: Iterable[dict[str, Any]]) -> list[Checked]:
    """Put the errors of the estimates of these results into the place of those of the same pair."""
    known = {name: entry for name, entry in ALGORITHMS.items() if entry.target_labels == "none"}
    order = list(known)
    new = [checked(one, *PAIR) for one in records if "estimated_accuracy" in one and one["algorithm"] in known]
    others = [run for run in runs if (run.source, run.target) != PAIR]
    return sorted(new, key=lambda run: (order.index(run.algorithm), run.seed)) + others


def with_table(text: str, table: str) -> str:
    """Put a table into the place of the one with the same head; see `put`."""
    head = re.escape(table.split("\n", 1)[0])
    return put(text, re.compile(rf"^{head}\n(\|.*\n)*", re.MULTILINE), table.rstrip("\n") + "\n")


def put(text: str, where: re.Pattern[str], new: str) -> str:
    """Put a text into the place of the one that a pattern finds.

    Raises:
        ValueError: it finds none, or more than one.
    """
    text, count = where.subn(lambda _: new, text)
    if count != 1:
        raise ValueError(f"{where.pattern!r} is in a page {count} times, and should be there once")
    return text


def write() -> None:
    """Write the tables of all pages anew, and the sentences on the errors of the estimates."""
    records = results.records()
    runs = with_errors_of(estimate_errors.record(), records.values())
    rows = ",\n".join(json.dumps(vars(run), ensure_ascii=False) for run in runs)
    ERRORS.write_text(f"[\n{rows}\n]\n", encoding="utf-8")
    for page, table in {
        "algorithms": write_markdown(results.results()),
        "statistics": write_differences(pairwise(records)),
        "validators": results.trust(),
        "estimates": estimate_errors.write_markdown(),
    }.items():
        path = Path(f"docs/{page}.md")
        path.write_text(with_table(path.read_text(encoding="utf-8"), table), encoding="utf-8")
    told = textwrap.fill(estimate_errors.told(), 140, break_on_hyphens=False)
    for path in TOLD_IN:
        path.write_text(put(path.read_text(encoding="utf-8"), TOLD, told), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="of results, such as data/08_reporting/benchmark_runs")
    if folder := parser.parse_args().folder:
        try:
            print(*take_over(folder), sep="\n")
        except UserError as error:
            parser.error(str(error))
    write()
