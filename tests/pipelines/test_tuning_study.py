"""The search by itself: scores are made up, and nothing is trained."""

from math import log10

import pytest

from mnistm_da.parameters import TuneParams
from mnistm_da.pipelines.tuning.study import Study, importance, is_to_be_pruned
from mnistm_da.searched import Searched, search_space

SPACE = {"weight": Searched(0.01, 100, log=True), "kernels": Searched(1, 9)}
START = {"weight": 10.0, "kernels": 5}


def record(number, proposed, guard=1.0):
    """The score is best where the weight is 1, and the number of kernels changes it little."""
    score = -abs(log10(proposed["weight"])) + 0.01 * proposed["kernels"]
    state = "failed" if proposed["weight"] > 60 else "complete"
    curve = {"1": score - 1, "2": score} if state == "complete" else {}
    told = {"number": number, "proposed": proposed, "state": state, "curve": curve}
    return told | {"score": score if curve else None, "guard": guard if curve else None}


def run(folder, records, trials=12, at_once=1, stop=None, **more):
    """Run a study to its end, or until so many trials have records; the last of these is not told."""
    tune = TuneParams(trials=trials, **more)
    study = Study(folder, "mmd.study.x", SPACE, ["kernels"], START, tune, 7, records)
    while asked := study.ask(at_once, records):
        for number, proposed in asked.items():
            if len(records) == stop:
                return records
            records.setdefault(number, record(number, proposed))
        if len(records) == stop:
            return records
        for number in asked:
            study.tell(number, records)
    return records


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return run(tmp_path_factory.mktemp("whole"), {})


def test_a_search_begins_with_the_parameters_of_the_run_and_finds_better_ones(whole):
    assert sorted(whole) == list(range(12))
    assert whole[0]["proposed"] == START
    assert all(0.01 <= one["proposed"]["weight"] <= 100 for one in whole.values())
    assert {type(one["proposed"]["kernels"]) for one in whole.values()} == {int}
    assert max(one["score"] for one in whole.values() if one["curve"]) > whole[0]["score"] + 0.5
    assert len({one["proposed"]["weight"] for one in whole.values()}) == 12


@pytest.mark.parametrize("stop", [1, 4, 8])
def test_a_search_that_was_stopped_goes_on_as_if_it_had_not_been(tmp_path, whole, stop):
    """Between a record and Optuna's journal; and with more trials than were asked for at first."""
    records = run(tmp_path, {}, trials=9, stop=stop)
    assert len(records) == stop
    assert run(tmp_path, records) == whole


class Killed(BaseException):
    """While the journal is written."""


@pytest.fixture(scope="module")
def whole_of_groups(tmp_path_factory):
    return run(tmp_path_factory.mktemp("groups"), {}, at_once=4)


@pytest.mark.parametrize("writes", [3, 7, 15, 22, 38, 45])
def test_a_search_of_groups_that_was_killed_goes_on_as_if_it_had_not_been(
    tmp_path, whole_of_groups, monkeypatch, writes
):
    """Wherever it was: while trials are asked for, when each has some of its parameters, and while they are told."""
    from optuna.storages.journal import JournalFileBackend

    append, appended, records = JournalFileBackend.append_logs, [], {}

    def append_or_die(self, logs):
        if len(appended) == writes:
            raise Killed
        appended.append(logs)
        append(self, logs)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(JournalFileBackend, "append_logs", append_or_die)
        run(tmp_path, records, at_once=4)
    assert run(tmp_path, records, at_once=4) == whole_of_groups


@pytest.mark.parametrize("stop", [2, 6])
def test_trials_of_a_group_that_had_ended_change_none_of_the_others(tmp_path, whole_of_groups, stop):
    assert run(tmp_path, run(tmp_path, {}, at_once=4, stop=stop), at_once=4) == whole_of_groups


def test_a_trial_under_way_above_fewer_trials_is_not_run(tmp_path):
    assert sorted(run(tmp_path, run(tmp_path, {}, at_once=4, stop=6), trials=7, at_once=4)) == [*range(7)]


def test_to_tell_of_a_trial_copies_none_of_the_others(tmp_path, monkeypatch, whole):
    """Or each trial would take longer than the one before."""
    from optuna.storages import JournalStorage

    get = JournalStorage.get_all_trials

    def without_copies(self, study, deepcopy=True, states=None):
        assert not deepcopy
        return get(self, study, deepcopy, states)

    monkeypatch.setattr(JournalStorage, "get_all_trials", without_copies)
    assert run(tmp_path, {}) == whole


def test_without_its_journal_a_search_goes_on_from_the_records(tmp_path, whole):
    assert run(tmp_path, {number: whole[number] for number in range(7)}) == whole


def test_a_record_that_was_taken_away_is_made_again(tmp_path, whole):
    records = dict(run(tmp_path, {}, trials=8))
    del records[3]
    assert run(tmp_path, records, trials=8) == {number: whole[number] for number in range(8)}


@pytest.mark.parametrize("sampler", ["tpe", "gp", "random"])
def test_trials_at_the_same_time_differ_whatever_the_sampler_is(tmp_path, sampler):
    records = run(tmp_path, {}, trials=8, at_once=4, sampler=sampler)
    assert len({one["proposed"]["weight"] for one in records.values()}) == 8


def test_optuna_knows_which_trials_the_guard_refuses(tmp_path):
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    tune, records = TuneParams(trials=4, guard_slack=0.02), {}
    study = Study(tmp_path, "mmd.study.x", SPACE, ["kernels"], START, tune, 7, records)
    for guard in (0.9, 0.89, 0.85, 0.95):
        [(number, proposed)] = study.ask(1, records).items()
        records[number] = record(number, proposed | {"weight": min(proposed["weight"], 50)}, guard)
        study.tell(number, records)
    assert study.ask(1, records) == {}
    storage = JournalStorage(JournalFileBackend(str(tmp_path / "mmd.study.x.log")))
    trials = optuna.load_study(study_name="mmd.study.x", storage=storage).trials
    assert [round(trial.constraints["guard"], 6) for trial in trials] == [-0.02, -0.01, 0.03, -0.07]
    assert [trial.intermediate_values for trial in trials] == [
        {int(epoch): score for epoch, score in one["curve"].items()} for one in records.values()
    ]


def test_a_training_is_pruned_below_the_median_and_not_in_its_first_third():
    earlier = [{"2": score / 2, "4": float(score)} for score in range(6)]  # at epoch 4: 0 to 5
    assert is_to_be_pruned(earlier, {2: 0.0, 4: 2.0}, epochs=9)
    assert not is_to_be_pruned(earlier, {2: 0.0, 4: 3.0}, epochs=9)
    assert not is_to_be_pruned(earlier, {2: 0.0}, epochs=9)
    assert not is_to_be_pruned(earlier[:4], {2: 0.0, 4: 0.0}, epochs=9), "too few to compare with"


def test_the_parameter_that_matters_is_the_important_one():
    tried = [{"weight": 10 ** (number / 5 - 2), "kernels": 1 + 4 * number % 9} for number in range(20)]
    found = importance([record(number, proposed) for number, proposed in enumerate(tried)], SPACE, ["kernels"])
    assert sum(found.values()) == pytest.approx(1)
    assert found["weight"] > 0.8
    assert importance([record(0, START)], SPACE, ["kernels"]) == {}


def test_a_range_is_one_and_is_read_of_the_field():
    from mnistm_da.adaptation.algorithms.mmd import JointMMDParams

    assert search_space(JointMMDParams)["weight"] == Searched(0.05, 50, log=True), "its own, not its base's"
    assert str(Searched(1, 9)) == "1 to 9"
    with pytest.raises(ValueError, match="no range"):
        Searched(0, 1, log=True)
