"""The launcher on Dask: two trainings side by side, what a unit costs beside its training, 10,000 units, records."""

import gc
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.datasets.folders import ResultsDataset, States, StatesDataset
from mnistm_da.launchers import Tell, Unit, to_nobody
from mnistm_da.launchers.on_dask import launch
from mnistm_da.parameters import BenchmarkParams, LauncherParams, TrainingParams
from mnistm_da.pipelines.benchmark.work import package_files

from .data import Raw, sample
from .measure import ROOT, Result, seconds

EPOCHS, OF_SAMPLE = 1, 20
"""Of a unit here, and of a DANN run on the sample."""


@dataclass
class Trains:
    """Trains DANN on the sample for `EPOCHS`, and says when."""

    def __call__(self, unit: Unit, tell: Tell = to_nobody) -> dict[str, Any]:
        from .training import epoch

        began = time.time()
        epoch(_splits(), TrainingParams(epochs=EPOCHS, batch_size=64, precision="float32"))
        return {"began": began, "ended": time.time()}

    def misfits(self) -> list[str]:
        from mnistm_da.adaptation.optimization.device import use_device

        use_device("cpu")
        _splits()
        return []


@cache
def _splits() -> Any:
    return sample().splits(3_600)


@dataclass
class Sleeps:
    """Sleeps instead of training; the same data are sent with it as with real work."""

    seconds: float
    parameters: dict[str, Any]
    files: dict[str, str]

    def __call__(self, unit: Unit, tell: Tell = to_nobody) -> dict[str, Any]:
        time.sleep(self.seconds)
        return {"algorithm": unit.algorithm, "seed": unit.seed}

    def misfits(self) -> list[str]:
        return []


def run(raw: Raw, rounds: int) -> Iterator[Result]:
    """Measure on real clusters on loopback; the smoke test starts no process."""
    yield _handed_out(*((20, 60) if raw.is_quick else (200, 10_000)))
    yield _restarted(1 if raw.is_quick else 270)
    yield from _growth([10, 20, 40] if raw.is_quick else [10, 1_000, 100_000])
    if not raw.is_quick:
        yield from _side_by_side(rounds)


def units(count: int) -> list[Unit]:
    """Give units of all algorithms, as many seeds of each as it takes."""
    names = list(ALGORITHMS)
    return [Unit(f"{names[n % len(names)]}.seed{n // len(names)}.0", names[n % len(names)], n) for n in range(count)]


def _side_by_side(rounds: int) -> Iterator[Result]:
    ratios, overheads = [], []
    for number in range(rounds):
        spans = {}
        for workers in (2, 1) if number % 2 else (1, 2):
            params = LauncherParams(name="dask", workers=workers, threads=2 // workers)
            made = [outcome for _, outcome in launch(units(4), Trains(), params) if isinstance(outcome, dict)]
            spans[workers] = max(one["ended"] for one in made) - min(one["began"] for one in made)
            if workers == 1:
                trained = sum(one["ended"] - one["began"] for one in made)
                between = (spans[1] - trained) / (len(made) - 1)
                overheads.append(100 * between / (trained / len(made) * OF_SAMPLE / EPOCHS))
        ratios.append(spans[1] / spans[2])
    yield Result("units per hour, 2 workers with a thread each", "1 worker with 2 threads", ratios, "×", 1.25)
    yield Result("the time between two units on Dask", "a DANN run on the sample", overheads, "%")


def _handed_out(workers: int, count: int) -> Result:
    """Hand out units to workers that are threads of this process, over TCP on loopback.

    Given is the processor time of all of them, scheduler, workers and client. On a busy machine it is longer: each
    worker tells the scheduler every few seconds that it is alive, however slowly units are handed out.
    """
    with _cluster(workers) as address:
        params, work = LauncherParams(name="dask", scheduler=address), Sleeps(0.1, _parameters(), package_files())
        began = time.process_time()
        spent = seconds(lambda: list(launch(units(count), work, params)))
        computed = time.process_time() - began
    against = f"{count:,} units that sleep for 0.1 s on {workers} workers, each"
    facts = {"seconds": spent, "seconds of the processor": computed}
    return Result("handing out units, processor time", against, [1000 * computed / count], "ms", 5, "at_most", facts)


@contextmanager
def _cluster(workers: int) -> Iterator[str]:
    import dask
    from distributed import LocalCluster

    # Of each worker, which here share a process: no look at its threads and its machine while it works.
    quiet = {"distributed.worker.profile.enabled": False, "distributed.admin.system-monitor.interval": "1h"}
    with (
        dask.config.set(quiet),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=False,
            protocol="tcp://",
            host="127.0.0.1",
            dashboard_address=None,
            worker_dashboard_address=None,
            memory_limit=None,
            silence_logs=50,
        ) as cluster,
    ):
        # Nor does the garbage collector search again and again what belongs to 200 processes elsewhere.
        gc.collect()
        gc.freeze()
        try:
            yield cluster.scheduler_address
        finally:
            gc.unfreeze()


def _restarted(seed_count: int) -> Result:
    """Find again that every unit of a benchmark has its record, tabulate them, and compare every two algorithms."""
    from mnistm_da.pipelines.benchmark.names import result_name
    from mnistm_da.pipelines.benchmark.nodes import run_missing
    from mnistm_da.pipelines.benchmark.pairs import compare
    from mnistm_da.pipelines.benchmark.table import tabulate

    parameters = _parameters()
    seeds = [str(seed) for seed in range(seed_count)]
    of = BenchmarkParams.model_validate({"algorithms": list(ALGORITHMS), "seeds": " ".join(seeds)})
    with tempfile.TemporaryDirectory() as folder:
        names = {name: result_name(name, 0, parameters).rpartition(".")[2] for name in ALGORITHMS}
        _write(
            Path(folder), [(f"{name}.seed{seed}.{names[name]}", name, int(seed)) for name in names for seed in seeds]
        )

        def restart() -> None:
            found = ResultsDataset(path=folder).load()
            states: States = StatesDataset(path=f"{folder}/states").load()
            chunks = run_missing(found, states, None, parameters, of, LauncherParams(), **_data())  # type: ignore[arg-type]
            assert not any(chunk for chunk, _ in chunks)
            assert len(tabulate(found, parameters)) == len(ALGORITHMS)
            assert len(compare(found, parameters)) == len(ALGORITHMS) * (len(ALGORITHMS) - 1) // 2 * (seed_count > 1)

        spent = seconds(restart)
    return Result(
        "a benchmark that is finished",
        f"{seed_count * len(names):,} records, read, tabulated and compared",
        [spent],
        "s",
        10,
        "at_most",
    )


def _growth(sizes: list[int]) -> Iterator[Result]:
    loads, names = {}, {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            _write(Path(folder), [(f"dann.seed{seed}.0", "dann", seed) for seed in range(size)])
            (Path(folder) / "x.safetensors").touch()
            store, states = ResultsDataset(path=folder), StatesDataset(path=folder).load()
            loads[size] = _computed(store.load) / size
            names[size] = _computed(states.names) / size
    against = f"{sizes[1]:,} to {sizes[2]:,} of them"
    for what, spent in (("reading records", loads), ("listing states among records", names)):
        growth = 1 + float(np.log(spent[sizes[2]] / spent[sizes[1]]) / np.log(sizes[2] / sizes[1]))
        yield Result(
            f"growth of {what}", against, [growth], "", 1.05, "at_most", {"seconds of the processor, each": spent}
        )


def _computed(work: Callable[[], Any]) -> float:
    """Give the seconds of the processor: the shorter ones of two times, as the first opens the folder."""
    spent = []
    for _ in range(2):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return min(spent)


def _write(folder: Path, records: list[tuple[str, str, int]]) -> None:
    """Write as many records as there are names, each as large as a published one."""
    [kept] = (ROOT / "docs/benchmark_runs").glob("dann.seed0.*.json")
    record = json.loads(kept.read_text())
    record["parameters"]["few_labels"] = {}
    for part in ("code", "data"):  # as large, and nothing to warn of
        record[f"earlier {part}"] = record.pop(part)
    for name, algorithm, seed in records:
        (folder / f"{name}.json").write_text(json.dumps(record | {"algorithm": algorithm, "seed": seed}))


def _parameters() -> dict[str, Any]:
    from omegaconf import OmegaConf

    files = sorted((ROOT / "conf/base").glob("parameters*.yml"))
    found: Any = OmegaConf.to_container(OmegaConf.merge(*(OmegaConf.load(file) for file in files)))
    return {name: {} for name in ALGORITHMS} | found | {"device": "cpu"}


def _data() -> dict[str, Any]:
    """Give data of which only the names and the checksums are looked at."""
    return {name: {} for name in ("source", "raw_target_images", "target_labels", "photos", "format")}
