"""Take over results of another machine, and say of all results in what they were made differently from here."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.errors import UserError, first_few
from mnistm_da.lineage.trace import libraries
from mnistm_da.parameters import BenchmarkParams
from mnistm_da.pipelines.lazy_types import DataFrame

from . import foreign
from .unit import code_of, unit_pipeline
from .work import PACKAGE, changed_since, first_of, other_domains, processor

COLUMNS = ("result", "algorithm", "seed", "target_test", "from", "code", "libraries", "processor")

NOT_SCORES = ("timing", "code", "data", "made_with")
"""What may differ between two results of one unit that are the same."""

UNKNOWN = ("not told", "not known here")
"""Of a processor: by an older result, or by a machine without the device."""

ELSEWHERE = ": see benchmark_origins"

logger = logging.getLogger(__name__)

Results = dict[str, Any]


def merge(finished: Results, benchmark: BenchmarkParams, parameters: Mapping[str, Any]) -> tuple[Results, DataFrame]:
    """Add the results of the folder ``benchmark.merge`` to those that are here, if it is named.

    The results that are here stay as they are. Where both have the same unit with other scores, both are named.

    Args:
        finished: the results that are here, by name.
        benchmark: names the folder.
        parameters: all of the run, for the device that trainings would use. They are read as a whole: a device that
            is an input by itself is refused where the machine lacks it, though the workers of a cluster may have it.

    Returns:
        The results to be added, and a row for each result that is here or there:

        - ``result``: its name;
        - ``algorithm``, ``seed``;
        - ``target_test``: accuracy of the last epoch, 0–1;
        - ``from``: ``here``, ``merged``, ``both``, or ``conflict`` for one that was not added;
        - ``code``, ``libraries``, ``processor``: how they differ from those that this machine would use now. They are
          empty where nothing differs.

    Raises:
        UserError: the folder cannot be read, or a result in it is not whole, or is of other domains than one that is
            here.
    """
    import pandas as pd

    there = foreign.read(benchmark.merge) if benchmark.merge is not None else {}
    here = _Here(parameters["device"])
    _refuse_other_domains(benchmark.merge, there, finished)
    conflicts = [name for name in there if name in finished and not same(there[name], finished[name])]
    added = {name: result for name, result in there.items() if name not in finished}
    both = there.keys() - conflicts
    rows = [_row(name, result, "both" if name in both else "here", here) for name, result in finished.items()]
    rows += [_row(name, result, "merged", here) for name, result in added.items()]
    rows += [_row(name, there[name], "conflict", here) for name in conflicts]
    if benchmark.merge is not None:
        _tell(benchmark.merge, len(there), rows)
        _warn(benchmark.merge, {name: (_score(finished[name]), _score(there[name])) for name in conflicts})
    return added, pd.DataFrame(rows, columns=list(COLUMNS)).sort_values(["result", "from"], ignore_index=True)


def _refuse_other_domains(folder: str | None, there: Results, finished: Results) -> None:
    """Refuse results of other domains than those that are here with the same parameters: a table would mix them."""
    here = {name.split(".")[-1]: result["data"] for name, result in finished.items() if "data" in result}
    strange = [name for name in there if other_domains(there[name], here.get(name.split(".")[-1], {}))]
    if strange:
        raise UserError(
            f"benchmark.merge: {strange[0]} in {folder} is of other images or labels than the results that are here, "
            "and so nothing was taken over. Give each pair of domains its own folder of artifacts: "
            "MNISTM_DATA_ROOT=path/to/folder"
        )


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two results have the same scores, to the last bit."""
    return {key: value for key, value in one.items() if key not in NOT_SCORES} == {
        key: value for key, value in other.items() if key not in NOT_SCORES
    }


class _Here:
    """What a result would be made with on this machine now."""

    def __init__(self, device: str) -> None:
        self.libraries = libraries(PACKAGE)
        try:
            self.processor = processor(device)
        except UserError:  # a device that only the workers of a cluster have
            self.processor = {}
        self._code: dict[tuple[str, ...], dict[str, str]] = {}

    def code(self, algorithm: str, data: Iterable[str]) -> dict[str, str]:
        """Give the hash of each file that a result is made with, of which the ``data`` were made before."""
        key = (algorithm, *sorted(data))
        if key not in self._code:
            self._code[key] = code_of(unit_pipeline(algorithm, key[1:]))
        return self._code[key]


def _row(name: str, result: Mapping[str, Any], origin: str, here: _Here) -> dict[str, Any]:
    algorithm, made_with = result["algorithm"], result.get("made_with", {})
    code = "unknown here"
    if algorithm in ALGORITHMS:
        code = _other_code(result.get("code", {}), here.code(algorithm, result.get("data", {})))
    return {
        "result": name,
        "algorithm": algorithm,
        "seed": result["seed"],
        "target_test": _score(result),
        "from": origin,
        "code": code,
        "libraries": _others(made_with.get("libraries", {}), here.libraries),
        "processor": _other_processor(made_with.get("processor"), result, here.processor),
    }


def _score(result: Mapping[str, Any]) -> float:
    return float(result["picks"]["last"]["target_test_accuracy"])


def _other_code(then: Mapping[str, str], now: Mapping[str, str]) -> str:
    changed = changed_since({"code": then}, {"code": now})
    return first_of(changed["code"]) if changed else ""


def _others(then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Say what differs of what both name: an older result names fewer libraries, or those of extras."""
    return ", ".join(f"{key} {then[key]}, here {now[key]}" for key in now if key in then and then[key] != now[key])


def _other_processor(then: Mapping[str, Any] | None, result: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Say in what processors differ; an older result tells no more than device and threads."""
    if not now:
        return "not known here"
    if then:
        return _others(then, now)
    return _others({"device": result["timing"]["device"]}, now) or "not told"


def _tell(folder: str, count: int, rows: Iterable[dict[str, Any]]) -> None:
    """Say how many results were taken over, and write a line for each kind of difference."""
    theirs = [row for row in rows if row["from"] != "here"]
    of = {origin: sum(row["from"] == origin for row in theirs) for origin in ("merged", "both", "conflict")}
    logger.info(
        "%d results in %s: %d are new, %d were here already, %d conflict",
        count,
        folder,
        of["merged"],
        of["both"],
        of["conflict"],
    )
    for kind in ("code", "libraries", "processor"):
        unknown = sum(row[kind] in UNKNOWN for row in theirs)
        if unknown:
            logger.info("of %d of them, the %s cannot be compared", unknown, kind)
        differ = [row for row in theirs if row[kind] and row[kind] not in UNKNOWN]
        if differ:
            each = "; ".join(first_few([f"{row['result']} ({row[kind]})" for row in differ], ELSEWHERE))
            logger.info("%d of them were made with other %s than here: %s", len(differ), kind, each)


def _warn(folder: str, conflicts: Mapping[str, tuple[float, float]]) -> None:
    if not conflicts:
        return
    each = [
        f"{name}: target test {100 * ours:.2f} % here, {100 * theirs:.2f} % in {folder}"
        for name, (ours, theirs) in conflicts.items()
    ]
    first = (
        f"{len(conflicts)} results are here with other scores, and ours were kept. To take the others, delete ours in "
        "benchmark_runs and merge again:"
    )
    logger.warning("%s", "\n  ".join([first, *first_few(each, ELSEWHERE)]))
