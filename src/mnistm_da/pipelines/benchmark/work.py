"""The work on a unit, in this process or in another one: names and parameters are sent there, arrays never."""

import json
import platform
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Self
from zlib import crc32

import numpy as np
from click import ClickException
from kedro.io import DatasetError

from mnistm_da.datasets.folders import ResultsDataset, States
from mnistm_da.datasets.workplace import Workplace
from mnistm_da.errors import UserError
from mnistm_da.launchers import Failure, Record, Tell, Unit, to_nobody
from mnistm_da.lineage.trace import commit, libraries
from mnistm_da.parameters import OF_CLIENT, TrainingParams
from mnistm_da.storage.errors import StoreError

from .names import depends_on, with_proposed
from .stopped import Stoppable, origin_of, remove_states
from .unit import code_of, run_unit, unit_pipeline

PACKAGE = __name__.partition(".")[0]


@dataclass(frozen=True)
class Storage:
    """What a unit reads and saves.

    Attributes:
        data: what every unit begins with, by dataset.
        states: of trainings under way, see `state_name`.
        records: where they are saved by the process that made them; None: whoever asked for them saves them.
    """

    data: dict[str, Any]
    states: States
    records: ResultsDataset | None


@dataclass
class Work:
    """Trains and scores a unit, or goes on where that was stopped; see `launchers.Work`.

    Attributes:
        parameters: of the run, without `OF_CLIENT`; the device is one that every worker has.
        checksums: of the data, by dataset.
        versions: of what the work depends on, see `versions`.
        files: a hash of every file of the package.
        made_with: what records say of this: ``commit`` and versions of ``libraries``.
        place: where another process finds data, states and records.
        storage: what `place` names, in this process; it is never sent.
        goes_on: whether a unit that raises is a `Failure`, and not the end of all.
    """

    parameters: dict[str, Any]
    checksums: dict[str, Any]
    versions: dict[str, str]
    files: dict[str, str]
    made_with: dict[str, Any]
    place: Workplace
    storage: Storage | None
    goes_on: bool = False

    @classmethod
    def of(cls, parameters: dict[str, Any], place: Workplace, storage: Storage) -> Self:
        """Say what this process has, for others to compare."""
        made_with = {"commit": commit(), "libraries": libraries(PACKAGE)}
        found = checksums(storage.data)
        parameters = {name: value for name, value in parameters.items() if name not in OF_CLIENT}
        return cls(parameters, found, versions(parameters), package_files(), made_with, place, storage)

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"storage": None}

    def __call__(self, unit: Unit, tell: Tell = to_nobody) -> Record | Failure:
        """Give the record of a unit: its scores, and what they were made from.

        It has the scores of `run_unit`, the ``parameters``, the fingerprint of the ``code``, the checksums of the
        ``data``, and ``made_with``. A record that is there already is not made again.
        """
        storage = self.storage or opened(self.place)
        return done_once(unit, storage, lambda: self._made(unit, storage, tell), goes_on=self.goes_on)

    def _made(self, unit: Unit, storage: Storage, tell: Tell) -> Record:
        code = code_of(unit_pipeline(unit.algorithm, self.checksums))
        parameters = with_proposed(self.parameters, unit.algorithm, dict(unit.proposed))
        training = Stoppable(unit, storage.states, origin_of(code, self.checksums), tell)
        scores = run_unit(unit.algorithm, unit.seed, parameters, storage.data, training.earlier, training.keep)
        more = {"parameters": depends_on(unit.algorithm, parameters), "code": code, "data": self.checksums}
        return scores | more | {"made_with": self.made_with | {"processor": processor(self.parameters["device"])}}

    def misfits(self) -> list[str]:
        """Say in what this process differs from the one that made the work; the data are opened last, and verified."""
        found = _differing(self.versions, versions(self.parameters))
        files = sorted(dict(self.files.items() ^ package_files().items()))
        if files:
            found.append(f"its code of {PACKAGE} differs in {first_of(files)}")
        if found:
            return found
        try:
            here = checksums(opened(self.place).data)
        except (DatasetError, ClickException, UserError, OSError) as error:
            return [f"its storage cannot be read: {error}"]
        return [f"its data '{name}' are others" for name in here if here[name] != self.checksums[name]]


def _differing(wanted: dict[str, str], here: dict[str, str]) -> list[str]:
    return [f"{name} is {here.get(name)} there and {one} here" for name, one in wanted.items() if here.get(name) != one]


def first_of(files: Sequence[str]) -> str:
    """Name the first of some files, and tell how many others there are."""
    return files[0] + (f" and {len(files) - 1} other files" if len(files) > 1 else "")


def changed_since(record: Mapping[str, Any], now: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Give the parts that differ from a record: files of the ``code``, datasets of the ``data``; by these two words.

    What a record does not tell, as older ones do, counts as the same.
    """
    found = {}
    for what, parts in now.items():
        then = record.get(what, parts)
        found[what] = sorted(name for name in then.keys() | parts.keys() if then.get(name) != parts.get(name))
    return {what: names for what, names in found.items() if names}


def other_domains(record: Mapping[str, Any], data: Mapping[str, Any]) -> list[str]:
    """Give the datasets by which a record is of other domains than those with these checksums.

    Other photos make no other domain: another version of a library may decode them a little differently. Of nothing,
    nothing differs.
    """
    changed = changed_since(record, {"data": data}).get("data", []) if data else []
    return [name for name in changed if name != "photos"]


def done_once(unit: Unit, storage: Any, make: Callable[[], Record], *, goes_on: bool) -> Record | Failure:
    """Give the record of a unit: the one that is there, or a new one.

    Args:
        unit: whose record it is.
        storage: ``records`` and ``states``; where it has no records, whoever asked for this one saves it.
        make: makes the record.
        goes_on: whether what that raises is a `Failure`.
    """
    record = storage.records.one(unit.name) if storage.records else None
    if record is None:
        try:
            record = make()
        except (DatasetError, StoreError):  # of a full disk, say: the others would fail of it too
            raise
        except Exception as error:
            if not goes_on:
                raise
            return Failure(traceback.format_exc(), of_unit=not _is_of_memory(error))
    if storage.records:
        storage.records.save({unit.name: record})
        remove_states(unit, storage.states)
    return record


def _is_of_memory(error: Exception) -> bool:
    """Whether there was too little: on a GPU, torch has its own error for it; on a processor, a text."""
    name = type(error).__name__
    return isinstance(error, MemoryError) or name == "OutOfMemoryError" or "DefaultCPUAllocator" in str(error)


@lru_cache(maxsize=1)
def opened(place: Workplace) -> Storage:
    """Read what every unit begins with; once in a process, as long as it works for the same run."""
    catalog: Any = place.catalog()
    data = {name: catalog.get(name).load() for name in place.data}
    return Storage(data, catalog.get("stopped_runs").load(), catalog.get("benchmark_runs"))


def checksums(value: Any) -> Any:
    """Give the checksum of every array, or other value, at whatever depth of a dictionary.

    They are sorted by name: arrays of a store come in another order than those of a disk.
    """
    if isinstance(value, Mapping):
        return {name: checksums(value[name]) for name in sorted(value)}
    if isinstance(value, np.ndarray):
        return crc32(np.ascontiguousarray(value).data)
    plain = value.model_dump() if hasattr(value, "model_dump") else value  # a format
    return crc32(json.dumps(plain).encode())


def versions(parameters: dict[str, Any]) -> dict[str, str]:
    """Give the versions of Python and the libraries, and what ``training.precision=auto`` stands for here."""
    from mnistm_da.adaptation.optimization.acceleration import has_bfloat16
    from mnistm_da.adaptation.optimization.device import resolve_device

    found = {"Python": ".".join(platform.python_version_tuple()[:2])} | libraries(PACKAGE)
    if TrainingParams(**parameters["training"]).precision == "auto":
        found["bfloat16 arithmetic"] = str(has_bfloat16(resolve_device(parameters["device"])))
    return found


def processor(device: str) -> dict[str, Any]:
    """Say on what this process computes, as records do: what of it can change the last bits of a result."""
    from mnistm_da.adaptation.optimization.device import facts, resolve_device

    return {"machine": platform.machine()} | facts(resolve_device(device))


def package_files() -> dict[str, str]:
    """Give a hash of every file of the package, by its path there."""
    root = files(PACKAGE)
    assert isinstance(root, Path)
    found = [path for path in sorted(root.rglob("*")) if path.is_file() and path.suffix != ".pyc"]
    return {path.relative_to(root).as_posix(): f"{crc32(path.read_bytes()):08x}" for path in found}
