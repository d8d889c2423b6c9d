"""Results of another machine: read from a folder, and verified before any of them is taken over."""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mnistm_da.errors import UserError, first_few
from mnistm_da.project_paths import as_user_means, without_scheme

from .names import named

Share = Annotated[float, Field(ge=0, le=1)]


class _Part(BaseModel):
    """What must be there; whatever else is there is kept."""

    model_config = ConfigDict(extra="ignore", strict=True, allow_inf_nan=False)


class _Scores(_Part):
    accuracy: Share
    confusion_matrix: list[list[Annotated[int, Field(ge=0)]]] = Field(min_length=1)

    @model_validator(mode="after")
    def _agrees(self) -> "_Scores":
        counts = np.array(self.confusion_matrix)
        if not np.isclose(np.trace(counts) / counts.sum(), self.accuracy, atol=1e-9):
            raise ValueError("the accuracy is not that of the confusion matrix")
        return self


class _Pick(_Part):
    epoch: int
    target_test_accuracy: Share


class _Timing(_Part):
    device: str
    seconds: float


class _MadeWith(_Part):
    commit: str | None
    libraries: dict[str, str]
    processor: dict[str, Any] = {}


class _Result(_Part):
    """A result as `work.py` makes it."""

    algorithm: str
    seed: int
    epochs: int
    selection: str
    picks: dict[str, _Pick]
    source_test: _Scores
    target_test: _Scores
    timing: _Timing
    parameters: dict[str, Any]
    code: dict[str, str]
    made_with: _MadeWith

    @model_validator(mode="after")
    def _agrees(self) -> "_Result":
        for name in ("last", "oracle", self.selection):
            if name not in self.picks:
                raise ValueError(f"there is no pick '{name}'")
        if self.picks[self.selection].target_test_accuracy != self.target_test.accuracy:
            raise ValueError("the accuracy on target test is not that of the epoch that was picked")
        return self


def read(text: str) -> dict[str, Any]:
    """Read all results of a folder by name.

    Raises:
        UserError: there is no such folder, it has no result, or something in it is none: nothing is taken over then.
    """
    folder = _folder(text)
    found, bad = {}, []
    for path in sorted(folder.glob("[!.]*.json")):
        try:
            result = json.loads(path.read_bytes())
            verify(path.stem, result)
            found[path.stem] = result
        except ValueError as error:
            bad.append(f"{path.name}: {error}")
    if bad:
        raise UserError(
            f"benchmark.merge: {len(bad)} of the files in {folder} are no results of a benchmark, so nothing was taken "
            f"over. Copy them again, or leave them out. {'; '.join(first_few(bad))}"
        )
    if not found:
        raise UserError(
            f"benchmark.merge: there is no result in {folder}. Results are the files NAME.json in 08_reporting/"
            "benchmark_runs of the other machine"
        )
    return found


def _folder(text: str) -> Path:
    folder = as_user_means(Path(without_scheme(text)))
    if not text.strip() or not folder.is_dir():
        what = "a file, no folder" if folder.is_file() else "no folder of this machine"
        raise UserError(f"benchmark.merge: '{text}' is {what}: name the one that the results were copied to")
    return folder


def verify(name: str, result: Any) -> None:
    """Check that a result is whole, agrees with itself, and has the name that its content gives it.

    Raises:
        ValueError: names the fault.
    """
    try:
        checked = _Result.model_validate(result)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise ValueError(f"{where}: {message}" if where else message) from error
    text = json.dumps(checked.parameters, sort_keys=True)
    own = named(checked.algorithm, checked.seed, hashlib.sha256(text.encode()).hexdigest()[:12])
    if name != own:
        raise ValueError(f"its algorithm, seed and parameters are those of {own}")
