"""A model on a target without labels has the scores that need none, and nothing else."""

import numpy as np
import pandas as pd
import pytest

from mnistm_da.adaptation.measures.estimate_errors import told
from mnistm_da.adaptation.measures.validators import VALIDATORS
from mnistm_da.domains.reading import UNLABELLED, is_labelled, with_labels
from mnistm_da.errors import UserError
from mnistm_da.hooks.summary import _commands, _score_table
from mnistm_da.parameters import SplittingParams, TitleParams
from mnistm_da.pipelines.drawing.nodes import compare, plot_confusion, plot_validators
from mnistm_da.pipelines.evaluation.nodes import judge
from mnistm_da.pipelines.evaluation.unlabelled import classified_otherwise, picks, score_if_labelled
from mnistm_da.pipelines.splitting.nodes import label_target_test, label_target_train

CLASSES = ("cat", "dog")
PROBABILITIES = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])
IMAGES = {f"{part}_images": np.zeros((3, 3, 8, 8), np.uint8) for part in ("train", "test")}
NO_LABELS = {f"{part}_labels": np.empty(0, np.int64) for part in ("train", "test")}
VALIDATION = pd.DataFrame({"epoch": [1, 2]} | {name: [2.0, 1.0] for name in VALIDATORS})


def test_a_part_without_labels_is_as_long_as_its_images():
    found = with_labels(IMAGES, NO_LABELS | {"test_labels": np.array([0, 1, 0])})
    assert found["train_labels"].tolist() == [UNLABELLED] * 3
    assert found["test_labels"].tolist() == [0, 1, 0]
    assert not is_labelled(label_target_test(IMAGES, NO_LABELS)["labels"])
    with pytest.raises(UserError, match="3 test images, but 2 test labels"):
        with_labels(IMAGES, NO_LABELS | {"test_labels": np.array([0, 1])})


def test_nothing_learns_from_labels_that_there_are_not():
    with pytest.raises(UserError, match="no labels: let the environment say so, with labelled_target: false"):
        label_target_train(NO_LABELS, SplittingParams(), 0)


def test_without_labels_nothing_but_the_answers_is_known():
    scores = score_if_labelled(np.full(3, UNLABELLED), PROBABILITIES, CLASSES)
    assert scores["predicted"] == {"cat": 2, "dog": 1}
    known = {"count", "predicted"}
    assert {name for name, value in scores.items() if value is None} == set(scores) - known - {"per_class_recall"}
    assert scores["per_class_recall"] == {"cat": None, "dog": None}
    labelled = score_if_labelled(np.array([0, 1, 1]), PROBABILITIES, CLASSES)
    assert labelled["accuracy"] == pytest.approx(2 / 3)


def test_answers_are_compared_with_labels_and_without():
    labels, unknown = np.array([0, 1, 1]), np.full(3, UNLABELLED)
    for known in (labels, unknown):
        then, now = (score_if_labelled(known, one, CLASSES) for one in (PROBABILITIES, PROBABILITIES[:, ::-1]))
        assert classified_otherwise(then, then) == 0
        assert classified_otherwise(now, then) > 0
    both = [score_if_labelled(known, PROBABILITIES, CLASSES) for known in (labels, unknown)]
    assert classified_otherwise(*both) == 3


def test_epochs_are_picked_and_none_is_called_the_best():
    judged = judge({}, VALIDATION, {"labels": np.full(3, UNLABELLED)}, "cpu")
    found = picks(judged)
    assert set(found) == {"last", *VALIDATORS}
    assert {pick["target_test_accuracy"] for pick in found.values()} == {None}
    assert (found["last"]["epoch"], found["im"]["epoch"]) == (2, 1)
    assert "oracle" in picks(VALIDATION.assign(target_test_accuracy=[0.5, 0.6]))


def metrics(name, labels):
    return {
        "algorithm": name,
        "seed": 0,
        "epochs": 2,
        "selection": "last",
        "picks": {"last": {"target_test_accuracy": None}},
        "estimated_accuracy": {"atc": 0.714, "doc": 0.5},
        "proxy_a_distance": 1.0,
        "source_test": score_if_labelled(np.array([0, 1, 1]), PROBABILITIES, CLASSES),
        "target_test": score_if_labelled(labels, PROBABILITIES, CLASSES),
    }


def test_tables_and_figures_have_a_gap_where_nothing_is_known():
    both = [metrics(name, np.full(3, UNLABELLED)) for name in ("source_only", "dann")]
    table = compare(*both)
    assert table["target_test_accuracy"].isna().all()
    assert table["source_test_accuracy"].notna().all()
    assert "the target has no labels" in plot_confusion(both[1], TitleParams()).axes[0].get_title()
    drawn = plot_validators(VALIDATION.assign(target_test_accuracy=np.nan)).data
    assert {"im", "snd", "source_accuracy"} <= {panel.name for panel in drawn}
    shown = _score_table(both, {})
    assert shown.caption.startswith("The target has no labels")
    assert list(shown.columns[2].cells) == ["–", "–"]
    assert [list(column.cells) for column in shown.columns[3:5]] == [["71", "71"], ["50", "50"]]
    assert told() in shown.caption
    assert table["target_test_accuracy_estimated_by_atc"].tolist() == [0.714, 0.714]


def test_scores_that_an_earlier_version_saved_have_a_dash_for_each_estimate():
    both = [metrics(name, np.full(3, UNLABELLED)) for name in ("source_only", "dann")]
    del both[0]["estimated_accuracy"]
    assert [list(column.cells) for column in _score_table(both, {}).columns[3:5]] == [["–", "71"], ["–", "50"]]


def test_commands_at_the_end_name_the_same_domains():
    assert _commands("digits", {"source": "mnist", "target": "usps", "seed": 1}) == [
        "  report: kedro run --pipelines=report --env=digits --params=source=mnist,target=usps"
    ]
    assert "--params='source=my #1,target=b'" in _commands("pictures", {"source": "my #1", "target": "b"})[0]
    assert _commands(None, {})[1] == "  viz:    make viz KEDRO_ENV=local"
