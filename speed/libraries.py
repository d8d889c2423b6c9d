"""Our DANN against the DANN of SKADA and of pykale: the same network and images, each in its own environment.

Every contender is a process with one thread that trains once. Those of a seed run at the same time, so that they meet
the same load. The time is the processor's, user and system; wall time is among the facts, and says little.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .data import Raw
from .environments import PYKALE, SKADA, Library, NotInstalledError, python
from .measure import ROOT, Result
from .rivals.task import FILE

IMAGES, EPOCHS, BATCH = 19_200, 8, 128
"""Images of each domain, passes over them, and images of each domain in a step: long enough that DANN aligns them."""

SCRIPTS = {SKADA: "skada_dann", PYKALE: "pykale_dann"}
SETTINGS = {"ours": "our settings", "recommended": "its documented settings"}
PRECISIONS = ("auto", "float32")


@dataclass(frozen=True)
class Trained:
    """What a contender needed: ``processor`` and ``wall`` seconds, and its ``accuracy`` (0–1) on the target test."""

    processor: float
    wall: float
    accuracy: float


@dataclass(frozen=True)
class Sizes:
    """How much is trained: ``images`` of each domain, ``epochs``, and the ``batch`` of each domain."""

    images: int = IMAGES
    epochs: int = EPOCHS
    batch: int = BATCH


def run(raw: Raw, rounds: int) -> Iterator[Result]:
    """Compare over as many seeds as there are rounds, at most 3; libraries that cannot be installed are left out."""
    sizes = Sizes(256, 1, 64) if raw.is_quick else Sizes()
    interpreters: dict[Library, Path] = {}
    for library in () if raw.is_quick else SCRIPTS:
        try:
            interpreters[library] = python(library)
        except NotInstalledError as error:
            print(f"    {error}", flush=True)
    found: dict[tuple[str, str], list[Trained]] = {}
    load = _load()
    for seed in range(min(rounds, 3)):
        with tempfile.TemporaryDirectory() as folder:
            write(raw, sizes, seed, Path(folder))
            for contender, trained in compete(interpreters, Path(folder), sizes, seed).items():
                found.setdefault(contender, []).append(trained)
    facts = {"images": sizes.images, "epochs": sizes.epochs, "load before and after": [load, _load()]}
    yield from results(found, facts)


def write(raw: Raw, sizes: Sizes, seed: int, folder: Path) -> None:
    """Write the images of both domains and the target test for the contenders."""
    data, test = raw.splits(sizes.images, seed), raw.target_test(seed)
    np.savez(
        folder / FILE,
        source=data.source["images"],
        labels=data.source["labels"],
        target=data.target["images"],
        test_images=test["images"],
        test_labels=test["labels"],
    )


def compete(
    interpreters: Mapping[Library, Path], folder: Path, sizes: Sizes, seed: int
) -> dict[tuple[str, str], Trained]:
    """Let all contenders train at the same time; give what each needed, by its name and its settings."""
    entries = {("DANN", precision): (Path(sys.executable), "ours", precision) for precision in PRECISIONS}
    for library, interpreter in interpreters.items():
        entries |= {(library.title, settings): (interpreter, SCRIPTS[library], settings) for settings in SETTINGS}
    with ThreadPoolExecutor(len(entries)) as pool:
        started = {name: pool.submit(train, *entry, folder, sizes, seed) for name, entry in entries.items()}
        return {name: future.result() for name, future in started.items()}


def train(interpreter: Path, script: str, settings: str, folder: Path, sizes: Sizes, seed: int) -> Trained:
    """Run a contender's script in its environment."""
    options = (folder, settings, sizes.epochs, sizes.batch, seed)
    done = subprocess.run(
        [str(interpreter), "-m", f"speed.rivals.{script}", *map(str, options)],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{script}, {settings}:\n{done.stderr}")
    trained = Trained(**json.loads(done.stdout.splitlines()[-1]))
    print(f"    seed {seed}, {script}, {settings}: {trained}", flush=True)
    return trained


def results(found: Mapping[tuple[str, str], list[Trained]], facts: Mapping[str, Any]) -> Iterator[Result]:
    """Give the rows: our default precision against our float32, then times and accuracies against each library."""
    mine, exact = (found["DANN", precision] for precision in PRECISIONS)
    yield _ratio("DANN, processor time of training", "our own float32", mine, exact, 1.7, facts)
    yield _difference("DANN, target test accuracy", "our own float32", mine, exact, None, facts)
    for (library, settings), theirs in found.items():
        if library == "DANN":
            continue
        against = f"{library}, {SETTINGS[settings]}"
        yield _ratio("DANN, processor time of training", against, mine, theirs, 2, facts)
        yield _ratio("DANN in float32, processor time of training", against, exact, theirs, 2, facts)
        yield _difference("DANN, target test accuracy", against, mine, theirs, 0, facts)


def _ratio(
    name: str, against: str, mine: list[Trained], theirs: list[Trained], aim: float, facts: Mapping[str, Any]
) -> Result:
    ratios = [other.processor / one.processor for one, other in zip(mine, theirs, strict=True)]
    seconds = {
        "processor seconds": [[one.processor, other.processor] for one, other in zip(mine, theirs, strict=True)],
        "wall seconds": [[one.wall, other.wall] for one, other in zip(mine, theirs, strict=True)],
    }
    return Result(name, against, ratios, "×", aim, facts={**facts, **seconds})


def _difference(
    name: str, against: str, mine: list[Trained], theirs: list[Trained], aim: float | None, facts: Mapping[str, Any]
) -> Result:
    points = [100 * (one.accuracy - other.accuracy) for one, other in zip(mine, theirs, strict=True)]
    shares = {"accuracies": [[one.accuracy, other.accuracy] for one, other in zip(mine, theirs, strict=True)]}
    return Result(name, against, points, "points", aim, facts={**facts, **shares})


def _load() -> float | None:
    """Give the average number of processes that wanted a processor in the last minute."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None
