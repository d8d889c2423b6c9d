"""A search, its table and its pick, on a made-up pair of domains; trials are trained for two epochs."""

import json

import numpy as np
import pandas as pd
import pytest

from made_up_pair import labels_of, made_up_pair
from mnistm_da.adaptation.registry import ALGORITHMS, algorithm_class
from mnistm_da.errors import UserError
from mnistm_da.pipelines.tuning.names import space_of, start_of
from mnistm_da.pipelines.tuning.nodes import pick_winner, tabulate_study
from mnistm_da.searched import search_space
from mnistm_da.viz.anonymous import traces
from search_here import OF_TRIALS, THESE, run, table_of


def test_a_trial_is_a_record_that_says_what_it_was_made_from(searched):
    folder, _, records = searched
    first, second, third = records.values()
    for record in (first, second):
        assert record["state"] == "complete"
        assert record["score"] == record["validation"]["im"][1]
        assert record["guard"] == record["validation"]["source_accuracy"][1]
        assert record["curve"] == {"1": record["validation"]["im"][0], "2": record["validation"]["im"][1]}
        assert record["made_with"]["processor"]["threads"] >= 1
    for record in records.values():
        assert record["code"].keys() >= {"adaptation/algorithms/mmd.py"}
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
    assert "3 of 3 trials were made with other code (adaptation/algorithms/mmd.py): delete their" in caplog.text


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


def test_one_trial_scores_the_parameters_alone(tmp_path):
    """So two commands compare values of a parameter that has no range."""
    slower = THESE | {"training": THESE["training"] | {"learning_rate": 1e-5}}
    for parameters in (THESE, slower):
        tune, records = run(tmp_path, parameters, trials=1)
        table = tabulate_study(records, parameters, tune, **made_up_pair())
        winner = pick_winner(table, records, parameters, tune)
        assert (len(table), winner["trial"], winner["parameters"]) == (1, 0, winner["start"]["parameters"])
    usual, slow = sorted(records.values(), key=lambda one: -one["parameters"]["training"]["learning_rate"])
    assert usual["study"] != slow["study"]
    assert usual["proposed"] == slow["proposed"]
    assert usual["score"] != slow["score"]


@pytest.mark.parametrize("name", [name for name, of in ALGORITHMS.items() if of.target_labels == "none"])
def test_every_range_holds_what_the_search_begins_with(name):
    space = search_space(algorithm_class(name).Params)
    assert (not space) is (name in {"source_only", "adabn", "tent"}), "what `docs/tuning.md` says"
    if not space:
        with pytest.raises(UserError, match="no parameter of it has a range"):
            space_of(name)
        return
    assert start_of({name: {}}, name).keys() == space.keys()
    for low in (False, True):
        own = {one: type(start_of({name: {}}, name)[one])(of.low if low else of.high) for one, of in space.items()}
        assert start_of({name: own}, name) == own, "both ends can be had"


@pytest.mark.parametrize("name", ALGORITHMS)
def test_another_default_takes_no_range_away(name):
    """A field that is declared again loses the range that it had, unless that is declared again, too."""
    params = algorithm_class(name).Params
    inherited = {one for base in params.__mro__ if hasattr(base, "model_fields") for one in search_space(base)}
    assert search_space(params).keys() == inherited


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
