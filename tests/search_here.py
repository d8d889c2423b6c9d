"""Searches on a made-up pair of domains; trials are trained for two epochs."""

from dataclasses import dataclass
from pathlib import Path

from kedro.io import DataCatalog, MemoryDataset

from benchmark_parameters import PARAMETERS
from made_up_pair import labels_of, made_up_pair
from mnistm_da import launchers
from mnistm_da.datasets.folders import ResultsDataset, States, StatesDataset
from mnistm_da.parameters import LauncherParams, TuneParams
from mnistm_da.pipelines.tuning.nodes import search, tabulate_study

THESE = PARAMETERS | {"seed": 0, "mmd": {"kernels": 3}}
"""Of the whole run; the algorithm has one parameter that differs from its default."""

OF_TRIALS = ("source", "raw_target_images", "photos", "format", "proxy_photos")


@dataclass(frozen=True)
class Place:
    """Finds the same made-up data again, in whatever process, as a `Workplace` does those of a project."""

    folder: str
    data: tuple[str, ...] = OF_TRIALS

    def catalog(self):
        folder = Path(self.folder)
        paths = {"stopped_trials": "states", "trial_models": "models", "stopped_runs": "runs_states"}
        stores = {name: StatesDataset(path=str(folder / path)) for name, path in paths.items()}
        stores |= {name: records_in(folder) for name in ("tuning_trials", "benchmark_runs")}
        data = made_up_pair()
        data["target_labels"] = labels_of(data)
        return DataCatalog({name: MemoryDataset(of) for name, of in data.items()} | stores)


def records_in(folder):
    return ResultsDataset(path=str(Path(folder) / "trials"))


def run(folder, parameters=THESE, launcher="here", data=None, **tune):
    """Run a search in a folder as its pipeline does; give its parameters, and the records there."""
    folder.mkdir(exist_ok=True)
    store, place = records_in(folder), Place(str(folder))
    params = TuneParams(**{"trials": 2, "fresh_seeds": [1, 2], **tune})
    states, models = (States(folder / name) for name in ("states", "models"))
    launcher = LauncherParams(name=launcher) if isinstance(launcher, str) else launcher
    how = store.load(), states, models, folder, place, parameters, params, launcher
    for chunk in search(*how, **(data or made_up_pair())):
        store.save(chunk)
    assert states.names() == []
    return params, store.load()


def faulty(units, work, params):
    """The third trial fails."""
    for unit in units:
        yield unit, launchers.Failure("Traceback\nFloatingPointError: inf", True) if unit.number == 2 else work(unit)


def table_of(searched):
    _, tune, records = searched
    return tabulate_study(records, THESE, tune, **made_up_pair())
