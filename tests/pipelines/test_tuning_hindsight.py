"""What follows a search: the winner on fresh seeds, and a look back at every trial."""

import numpy as np
import pytest

from made_up_pair import made_up_pair
from mnistm_da import launchers
from mnistm_da.datasets.folders import States
from mnistm_da.errors import UserError
from mnistm_da.parameters import LauncherParams, TuneParams
from mnistm_da.pipelines.benchmark.names import result_name
from mnistm_da.pipelines.benchmark.nodes import UnitsFailedError
from mnistm_da.pipelines.tuning.afterwards import compare_with_start, look_back, run_trials_again, run_winner
from mnistm_da.pipelines.tuning.nodes import pick_winner
from search_here import THESE, Place, table_of


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


def test_trials_are_run_again_together_and_one_that_fails_is_left_out(searched, monkeypatch, tmp_path):
    """Of two; if both failed, there would be nothing to look at."""
    _, tune, records = searched
    table, tune = table_of(searched), tune.model_copy(update={"score": "proxy"})
    first, second = (records[f"{table['study'][0]}.{trial:04}"]["proposed"] for trial in (0, 1))
    failing, sent = [first], []

    def noting(units, work, params):
        sent.append([dict(unit.proposed) for unit in units])
        return launchers.here(units, work, params)

    def train(algorithm, seed, parameters, data, earlier, keep):
        if parameters["mmd"] in failing:
            raise ZeroDivisionError("no")
        return {"algorithm": algorithm, "seed": seed, "target_test": {"accuracy": parameters["mmd"]["weight"]}}

    def run_again(finished):
        data = made_up_pair() | {"target_labels": {}}
        how = THESE, table, records, {}, tune, LauncherParams(name="noting")
        for chunk, _ in run_trials_again(finished, States(tmp_path), Place(str(tmp_path)), *how, **data):
            finished = finished | chunk
        return finished

    monkeypatch.setitem(launchers.LAUNCHERS, "noting", noting)
    monkeypatch.setattr("mnistm_da.pipelines.benchmark.work.run_unit", train)
    results = run_again({})
    assert sent == [[first, second]], "by one call of the launcher"
    [record] = results.values()
    assert record["parameters"]["mmd"].items() >= second.items()
    found = look_back(table, records, results, None, {}, {}, THESE, tune)
    assert found[["trial", "target_test_accuracy"]].to_numpy().tolist() == [[1, second["weight"]]]
    assert run_again(results) == results, "only what failed is run again"
    assert sent[1:] == [[first]]
    failing.append(second)
    with pytest.raises(UnitsFailedError, match="mmd, seed 0: ZeroDivisionError: no"):
        run_again({})


def test_the_winner_and_the_start_are_compared_on_the_same_fresh_seeds(searched, caplog):
    caplog.set_level("INFO")
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
    assert "--pipelines=mmd --params=mmd.weight=3.0,mmd.kernels=3" in caplog.text
    assert found["gain"]["mean"] == pytest.approx(0.25)
    assert found["gain"]["each"] == pytest.approx([0.2, 0.3])
    assert found["winner"]["deviation"] == pytest.approx(np.std([0.7, 0.9], ddof=1))
    assert found["is_more_than_spread"] is True
    assert (
        compare_with_start(results, THESE, winner, tune.model_copy(update={"fresh_seeds": [1]}))["is_more_than_spread"]
        is None
    )


def test_the_runs_in_the_end_have_the_groups_of_parameters_that_the_search_had(monkeypatch):
    """They are not searched, so they are no part of a unit."""
    own = {"confidence": 0.9, "momentum": 0.99, "strong": {"noise": 0.2}, "epochs_factor": 2.0}
    winner = {"start": {"parameters": own}, "parameters": own | {"confidence": 0.8}}
    seen = []

    def note(finished, stopped, place, parameters, each, launcher, data):
        seen.extend([parameters, set(each)])
        yield {}, {}

    monkeypatch.setattr("mnistm_da.pipelines.tuning.afterwards.run_each", note)
    tune = TuneParams(algorithm="adamatch", fresh_seeds="1")
    list(run_winner({}, None, None, {"adamatch": {}}, winner, tune, LauncherParams()))
    parameters, each = seen
    assert parameters["adamatch"] == winner["parameters"]
    assert {dict(unit.proposed).keys() == {"confidence", "momentum"} for unit in each} == {True}
    assert sorted(dict(unit.proposed)["confidence"] for unit in each) == [0.8, 0.9]


def test_the_runs_in_the_end_are_the_benchmarks(searched, monkeypatch):
    """With the parameters of start and winner, and only fresh seeds."""
    _, tune, records = searched
    winner = pick_winner(table_of(searched), records, THESE, tune) | {"parameters": {"weight": 3.0}}
    made = []

    def note(finished, stopped, place, parameters, each, launcher, data):
        made.extend(each)
        yield [*data]

    monkeypatch.setattr("mnistm_da.pipelines.tuning.afterwards.run_each", note)
    data = {"source": {}, "target_labels": {}}
    assert list(run_winner({}, None, None, THESE, winner, tune, LauncherParams(), **data)) == [[*data]]
    start = (("kernels", 3), ("weight", 10.0), ("ramp_speed", 10.0))
    won = (("weight", 3.0),)
    assert made == [("mmd", 1, start), ("mmd", 2, start), ("mmd", 1, won), ("mmd", 2, won)]
    made.clear()
    list(run_winner({}, None, None, THESE, winner | {"parameters": dict(start)}, tune, LauncherParams(), **data))
    assert {*made} == {("mmd", 1, start), ("mmd", 2, start)}, "the start won: it is run once"
