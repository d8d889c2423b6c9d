"""The nodes of a search, on a made-up pair of domains; trials are trained for two epochs."""

import json
import pickle
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from kedro.io import DataCatalog, DatasetError, MemoryDataset

from benchmark_parameters import PARAMETERS
from made_up_pair import labels_of, made_up_pair
from mnistm_da import launchers
from mnistm_da.adaptation.registry import ALGORITHMS, algorithm_class
from mnistm_da.datasets.folders import ResultsDataset, States, StatesDataset
from mnistm_da.errors import UserError
from mnistm_da.parameters import LauncherParams, TuneParams
from mnistm_da.pipelines.benchmark.names import result_name
from mnistm_da.pipelines.benchmark.nodes import UnitsFailedError
from mnistm_da.pipelines.tuning.afterwards import compare_with_start, look_back, run_trials_again, run_winner
from mnistm_da.pipelines.tuning.nodes import curves_before, pick_winner, search, space_of, start_of, tabulate_study
from mnistm_da.searched import search_space
from mnistm_da.viz.anonymous import traces

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
        return DataCatalog({name: MemoryDataset(of) for name, of in made_up_pair().items()} | stores)


def records_in(folder):
    return ResultsDataset(path=str(Path(folder) / "trials"))


def run(folder, parameters=THESE, launcher="here", data=None, **tune):
    """Run a search in a folder as its pipeline does; give its parameters, and the records there."""
    folder.mkdir(exist_ok=True)
    store, place = records_in(folder), Place(str(folder))
    params = TuneParams(**{"trials": 2, "fresh_seeds": [1, 2], **tune})
    states, models = (States(folder / name) for name in ("states", "models"))
    how = store.load(), states, models, folder, place, parameters, params, LauncherParams(name=launcher)
    for chunk in search(*how, **(data or made_up_pair())):
        store.save(chunk)
    assert states.names() == []
    return params, store.load()


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """A search of three trials by IM, of which the last one failed."""
    folder = tmp_path_factory.mktemp("searched")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(launchers.LAUNCHERS, "faulty", faulty)
        return folder, *run(folder, launcher="faulty", trials=3, at_once=1)


def faulty(units, work, params):
    """The third trial fails."""
    for unit in units:
        yield unit, launchers.Failure("Traceback\nFloatingPointError: inf", True) if unit.number == 2 else work(unit)


def table_of(searched):
    _, tune, records = searched
    return tabulate_study(records, THESE, tune, **made_up_pair())


def test_a_trial_is_a_record_that_says_what_it_was_made_from(searched):
    folder, _, records = searched
    first, second, third = records.values()
    for record in (first, second):
        assert record["state"] == "complete"
        assert record["score"] == record["validation"]["im"][1]
        assert record["guard"] == record["validation"]["source_accuracy"][1]
        assert record["curve"] == {"1": record["validation"]["im"][0], "2": record["validation"]["im"][1]}
        assert record["code"].keys() >= {"adaptation/algorithms/mmd.py"}
    for record in records.values():
        assert record["parameters"]["mmd"].items() >= record["proposed"].items()
        assert record["data"].keys() == {*OF_TRIALS}
        assert record["made_with"]["libraries"]["torch"]
        assert "accuracy" not in json.dumps(record).replace("source_accuracy", ""), "no target label was looked at"
    assert first["proposed"] == {"weight": 10.0, "kernels": 3, "ramp_speed": 10.0}
    assert second["proposed"] != first["proposed"]
    assert (third["state"], third["reason"]) == ("failed", "FloatingPointError: inf")
    assert traces(json.dumps(records), folder, {}) == []  # they may be published


def test_what_has_a_record_is_not_trained_again(searched, monkeypatch, caplog):
    """If its code was another, a warning says so: the study goes on with trials of both."""
    folder, tune, records = searched
    assert run(folder, launcher="here", trials=3) == (tune.model_copy(update={"at_once": None}), records)
    assert "other code" not in caplog.text
    code = next(iter(records.values()))["code"] | {"adaptation/algorithms/mmd.py": "0"}
    monkeypatch.setattr("mnistm_da.pipelines.tuning.trial.code_of", lambda pipeline: code)
    run(folder, launcher="here", trials=3)
    assert "2 of 3 trials were made with other code (adaptation/algorithms/mmd.py): delete their" in caplog.text


def test_the_table_and_the_pick(searched):
    table = table_of(searched)
    _, tune, records = searched
    assert list(table["state"]) == ["complete", "complete", "failed"]
    assert table["allowed"][0]
    assert list(table["mmd.weight"]) == [record["proposed"]["weight"] for record in records.values()]
    assert list(table["reason"]) == ["", "", "FloatingPointError: inf"]
    winner = pick_winner(table, records, THESE, tune)
    best = table[table["allowed"]].sort_values("score").iloc[-1]
    assert (winner["trial"], winner["score"]) == (best["trial"], best["score"])
    assert winner["start"]["parameters"] == {"weight": 10.0, "kernels": 3, "ramp_speed": 10.0}
    assert winner["trials"] == {"complete": 2, "failed": 1}


def test_the_guard_refuses_a_better_score(searched):
    _, tune, records = searched
    table = table_of((None, tune, with_scores(records, scores=(1.0, 2.0), guards=(0.9, 0.895))))
    assert pick_winner(table, records, THESE, tune)["trial"] == 1
    records = with_scores(records, scores=(1.0, 2.0), guards=(0.9, 0.88))
    table = table_of((None, tune, records))
    assert list(table["allowed"]) == [True, False, False]
    assert pick_winner(table, records, THESE, tune)["trial"] == 0


def with_scores(records, scores, guards):
    pairs = dict(enumerate(zip(scores, guards, strict=True)))
    return {
        name: one | (dict(zip(("score", "guard"), pairs[one["number"]], strict=True)) if one["number"] in pairs else {})
        for name, one in records.items()
    }


def test_in_hindsight_each_trial_has_the_accuracy_of_its_own_model(searched, monkeypatch, tmp_path):
    """On this machine, also where only the workers of a search have the device."""
    folder, tune, records = searched
    pair = made_up_pair()
    images = pair["source"]["test_images"].repeat(3, axis=1)
    models, table = States(folder / "models"), table_of(searched)
    labels = pair["source"]["test_labels"]
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    these = THESE | {"device": "cuda"}
    found = look_back(table, records, {}, models, {"images": images, "labels": labels}, {}, these, tune)
    wrong = look_back(table, records, {}, models, {"images": images, "labels": labels + 10}, {}, THESE, tune)
    assert list(found["trial"]) == [0, 1]
    assert found["target_test_accuracy"].between(0, 1).all()
    assert found["target_test_accuracy"].max() > 0, "these digits are learned within two epochs"
    assert not wrong["target_test_accuracy"].any()
    with pytest.raises(UserError, match=r"the model of trial 0 .* is not in trial_models"):
        look_back(table, records, {}, States(tmp_path), {}, {}, THESE, tune)
    assert list(run_trials_again({}, None, None, THESE, table, records, {}, tune, None)) == [({}, {})]


def test_a_trial_that_fails_on_the_real_pair_is_left_out(searched, monkeypatch):
    """Of two; if both failed, there would be nothing to look at."""
    _, tune, records = searched
    table, tune = table_of(searched), tune.model_copy(update={"score": "proxy"})
    first, second = (records[f"{table['study'][0]}.{trial:04}"]["proposed"] for trial in (0, 1))
    failing, made = [first], []

    def run_but_one(finished, stopped, place, parameters, of, launcher, **data):
        yield {}, {}
        if parameters["mmd"] in failing:
            raise UnitsFailedError("1 of 1 units failed")
        made.append(result_name("mmd", 0, parameters))

    monkeypatch.setattr("mnistm_da.pipelines.tuning.afterwards.run_missing", run_but_one)
    list(run_trials_again({}, None, None, THESE, table, records, {}, tune, None))
    results = {name: {"target_test": {"accuracy": 0.5}} for name in made}
    found = look_back(table, records, results, None, {}, {}, THESE, tune)
    assert found[["trial", "target_test_accuracy"]].to_numpy().tolist() == [[1, 0.5]]
    failing.append(second)
    with pytest.raises(UnitsFailedError):
        list(run_trials_again({}, None, None, THESE, table, records, {}, tune, None))


def test_the_winner_and_the_start_are_compared_on_the_same_fresh_seeds(searched):
    _, tune, records = searched
    winner = pick_winner(table_of(searched), records, THESE, tune) | {"parameters": {"weight": 3.0, "kernels": 3}}
    accuracy = {"start": (0.5, 0.6), "winner": (0.7, 0.9)}
    own = {"start": winner["start"]["parameters"], "winner": winner["parameters"]}
    results = {
        result_name("mmd", seed, THESE | {"mmd": own[which]}): {"target_test": {"accuracy": each}}
        for which, of in accuracy.items()
        for seed, each in zip(tune.fresh_seeds, of, strict=True)
    }
    assert len(results) == 4
    found = compare_with_start(results, THESE, winner, tune)
    assert found["gain"]["mean"] == pytest.approx(0.25)
    assert found["gain"]["each"] == pytest.approx([0.2, 0.3])
    assert found["winner"]["deviation"] == pytest.approx(np.std([0.7, 0.9], ddof=1))
    assert found["is_more_than_spread"] is True
    assert (
        compare_with_start(results, THESE, winner, tune.model_copy(update={"fresh_seeds": [1]}))["is_more_than_spread"]
        is None
    )


def test_the_runs_in_the_end_are_the_benchmarks(searched, monkeypatch):
    """With the parameters of start and winner, and only fresh seeds."""
    _, tune, records = searched
    winner = pick_winner(table_of(searched), records, THESE, tune) | {"parameters": {"weight": 3.0}}
    made = []

    def note(finished, stopped, place, parameters, of, launcher, **data):
        made.append((parameters["mmd"], of.seeds, [*data]))
        yield {}, {}

    monkeypatch.setattr("mnistm_da.pipelines.tuning.afterwards.run_missing", note)
    data = {"source": {}, "target_labels": {}}
    list(run_winner({}, None, None, THESE, winner, tune, LauncherParams(), **data))
    assert made == [
        ({"kernels": 3, "weight": 10.0, "ramp_speed": 10.0}, [1, 2], ["source", "target_labels"]),
        ({"kernels": 3, "weight": 3.0}, [1, 2], ["source", "target_labels"]),
    ]
    made.clear()
    won = winner | {"parameters": winner["start"]["parameters"]}
    list(run_winner({}, None, None, THESE, won, tune, LauncherParams(), **data))
    assert len(made) == 1, "the start won: it is run once"


def test_trials_can_be_sent_to_another_process(tmp_path, monkeypatch, searched):
    """As names and parameters; there, they save their records. One that was stopped goes on, to the same record."""

    def elsewhere(units, work, params):
        sent = pickle.dumps((units, work))
        assert len(sent) < 40_000
        units, work = pickle.loads(sent)
        assert work.misfits() == []
        assert replace(work, optuna="0.1").misfits() == [f"optuna is {work.optuna} there and 0.1 here"]
        assert replace(work, optuna="0.1", tune=work.tune.model_copy(update={"pruner": "none"})).misfits() == []
        for unit in units:
            yield unit, work(unit)

    monkeypatch.setitem(launchers.LAUNCHERS, "elsewhere", elsewhere)
    _, records = run(tmp_path, launcher="elsewhere", at_once=1)
    for name, record in records.items():
        assert record | {"seconds": 0} == searched[2][name] | {"seconds": 0}


class Stopped(BaseException):
    """As Ctrl-C in the middle of a training."""


def test_a_stopped_trial_goes_on_after_its_last_epoch(tmp_path, monkeypatch, caplog, searched):
    """And is first asked whether it is to be pruned there: it was stopped before that."""
    save, asked = States.save, []

    def save_and_stop(self, name, state):
        save(self, name, state)
        raise Stopped

    def note(earlier, curve, epochs):
        asked.append((len(earlier), sorted(curve)))
        return False

    monkeypatch.setattr("mnistm_da.pipelines.tuning.under_way.is_to_be_pruned", note)

    with monkeypatch.context() as patch, pytest.raises(Stopped):
        patch.setattr(States, "save", save_and_stop)
        run(tmp_path)
    with caplog.at_level("INFO"):
        _, records = run(tmp_path)
    assert "going on after epoch 1" in caplog.text
    assert asked == [(0, [1]), (1, [1])]
    for name, record in records.items():
        assert record | {"seconds": 0} == searched[2][name] | {"seconds": 0}


def test_a_trial_is_pruned_by_the_trials_before(tmp_path, monkeypatch):
    asked = []

    def prune(earlier, curve, epochs):
        asked.append((len(earlier), sorted(curve), epochs))
        return len(earlier) == 1

    monkeypatch.setattr("mnistm_da.pipelines.tuning.under_way.is_to_be_pruned", prune)
    _, records = run(tmp_path)
    assert [record["state"] for record in records.values()] == ["complete", "pruned"]
    assert asked == [(0, [1], 2), (1, [1], 2)]
    [_, pruned] = records.values()
    assert list(pruned["curve"]) == ["1"]
    assert pruned["score"] is None
    assert States(tmp_path / "models").names() == [name for name, one in records.items() if one["state"] == "complete"]


def test_a_trial_is_compared_with_those_before_its_group():
    records = {2: {"state": "complete", "curve": {"1": 0.2}}, 0: {"state": "complete", "curve": {"1": 0.1}}}
    records[1] = {"state": "pruned", "curve": {"1": 0.0}}
    assert curves_before(2, records) == [{"1": 0.1}], "not with what had ended of the group that begins there"
    assert curves_before(3, records) == [{"1": 0.1}, {"1": 0.2}]


def test_a_proxy_is_the_accuracy_on_the_sources_own_digits(tmp_path):
    """The target itself is not looked at."""
    data = made_up_pair() | {"raw_target_images": {}, "photos": {}}
    parameters = THESE | {"splitting": {"source_validation": 30, "target_validation": 30}}
    tune, records = run(tmp_path, parameters, data=data, score="proxy", pruner="none")
    for record in records.values():
        assert record["score"] == record["validation"]["proxy_accuracy"][1]
        assert (record["guard"], record["by"]) == (None, {"score": "proxy", "guard": None})
        assert record["score"] * 25 == pytest.approx(round(record["score"] * 25)), "of a fifth of 124 digits"
    table = tabulate_study(records, parameters, tune, **data)
    assert table["allowed"].all()


def test_the_first_trial_must_not_fail(tmp_path, monkeypatch):
    def fails(units, work, params):
        yield from ((unit, launchers.Failure("Traceback\nValueError: no", of_unit=True)) for unit in units)

    monkeypatch.setitem(launchers.LAUNCHERS, "fails", fails)
    with pytest.raises(UserError, match="first trial, with the parameters to begin with, failed: ValueError: no"):
        run(tmp_path, launcher="fails")
    assert records_in(tmp_path).load() == {}, "so that it is tried again"
    with monkeypatch.context() as patch:
        patch.setattr("mnistm_da.pipelines.tuning.trial.run_parts", lambda *arguments: 1 / 0)
        with pytest.raises(UserError, match="ZeroDivisionError"):
            run(tmp_path)


def test_a_disk_that_is_full_ends_the_search_and_is_no_trial_that_failed(tmp_path, monkeypatch):
    def is_full(*arguments):
        raise DatasetError("No space left on device")

    monkeypatch.setattr("mnistm_da.pipelines.tuning.trial.run_parts", is_full)
    with pytest.raises(DatasetError, match="No space left"):
        run(tmp_path)

    def catches(units, work, params):
        """As a worker does, whatever was raised."""
        for unit in units:
            with pytest.raises(DatasetError) as error:
                work(unit)
            yield unit, launchers.Failure(str(error.value))

    monkeypatch.setitem(launchers.LAUNCHERS, "catches", catches)
    with pytest.raises(UserError, match=r"something else than its parameters.*: No space left on device\. When"):
        run(tmp_path, launcher="catches")
    assert records_in(tmp_path).load() == {}


@pytest.mark.parametrize("name", [name for name, of in ALGORITHMS.items() if of.target_labels == "none"])
def test_every_range_holds_what_the_search_begins_with(name):
    space = search_space(algorithm_class(name).Params)
    if not space:
        with pytest.raises(UserError, match="no parameter of it has a range"):
            space_of(name)
        return
    assert start_of({name: {}}, name).keys() == space.keys()
    for low in (False, True):
        own = {one: type(start_of({name: {}}, name)[one])(of.low if low else of.high) for one, of in space.items()}
        assert start_of({name: own}, name) == own, "both ends can be had"


def test_a_start_outside_of_its_range_is_told():
    with pytest.raises(UserError, match=r"'mmd\.weight' is 1000, and is searched from 0\.1 to 100, by factors"):
        start_of({"mmd": {"weight": 1000.0}}, "mmd")


@pytest.mark.parametrize("changed", [{"score": "snd"}, {"guard": None}, {"pruner": "none"}])
def test_another_search_is_another_study(searched, changed):
    _, tune, records = searched
    with pytest.raises(UserError, match=r"no trial of mmd\.study\."):
        tabulate_study(records, THESE, tune.model_copy(update=changed), **made_up_pair())


def test_the_figures_show_the_numbers(searched):
    from mnistm_da.adaptation.figures.studies import history, trust

    study = pd.DataFrame(
        {
            "trial": [0, 1, 2, 3],
            "state": ["complete", "complete", "pruned", "complete"],
            "score": [1.0, 3.0, np.nan, 2.0],
            "allowed": [True, False, False, True],
        }
    )
    winner = {"trial": 3, "by": {"score": "im"}, "importance": {"weight": 0.75, "kernels": 0.25}, "algorithm": "mmd"}
    left, right = history(study, winner).axes
    points = {one.get_label(): one.get_offsets().tolist() for one in left.collections}
    assert points["allowed"] == [[0, 1], [3, 2]]
    assert points["refused by the guard"] == [[1, 3]]
    assert points["picked"] == [[3, 2]]
    assert points["pruned or failed"] == [[2, 1]]
    assert left.lines[0].get_ydata().tolist() == [1, 1, 1, 2]
    assert [bar.get_width() for bar in right.patches] == [75, 25]
    complete = study[study["state"] == "complete"].assign(target_test_accuracy=[0.5, 0.4, 0.6])
    [axes] = trust(complete, winner).axes
    points = {one.get_label(): one.get_offsets().tolist() for one in axes.collections}
    assert points["allowed"] == [[1, 50], [2, 60]]
    assert points["start"] == [[1, 50]]
    assert "rank correlation -0.50" in axes.get_title()


def test_labels_of_the_target_are_in_no_data_of_a_search():
    assert labels_of(made_up_pair()).keys() & made_up_pair().keys() == set()
