"""The numbers in the Plotly figures are those of the data behind them."""

import numpy as np
import pandas as pd
import pytest

from mnistm_da.adaptation.figures import curves

HISTORY = pd.DataFrame(
    {
        "epoch": [1, 2, 3],
        "loss/domain": [0.7, 0.6, 0.65],
        "loss/source_class": [2.0, 1.0, 0.5],
        "source_validation_accuracy": [0.5, 0.8, 0.9],
    }
)
JUDGED = pd.DataFrame({"epoch": [1, 2, 3], "im": [0.1, 0.3, 0.2], "target_test_accuracy": [0.2, 0.9, 0.5]})
UNKNOWN = JUDGED.assign(target_test_accuracy=np.nan)


def lines(figure):
    return {line.name: (list(line.x), pytest.approx(list(line.y))) for line in figure.data}


def test_every_term_and_both_accuracies_are_drawn_by_epoch():
    figure = curves.training_curves(HISTORY, JUDGED)
    epochs = [1, 2, 3]
    assert lines(figure) == {
        "domain": (epochs, [0.7, 0.6, 0.65]),
        "source class": (epochs, [2.0, 1.0, 0.5]),
        "source validation": (epochs, [50, 80, 90]),
        "target test, in hindsight": (epochs, [20, 90, 50]),
    }
    assert [axis.title.text for axis in figure.select_yaxes()] == ["loss", "% right"]
    losses, accuracies = figure.data[:2], figure.data[2:]
    assert {line.legend for line in losses} == {"legend"}
    assert {line.legend for line in accuracies} == {"legend2"}
    assert len({(line.line.color, line.line.dash) for line in losses}) == 2


def test_what_is_not_known_has_no_line_and_no_panel():
    without_labels = curves.training_curves(HISTORY, UNKNOWN)
    assert "target test, in hindsight" not in lines(without_labels)
    source_free = curves.training_curves(HISTORY.drop(columns="source_validation_accuracy"), UNKNOWN)
    assert set(lines(source_free)) == {"domain", "source class"}
    assert len(list(source_free.select_yaxes())) == 1


def test_a_training_of_one_epoch_is_drawn_too():
    figure = curves.training_curves(HISTORY[:1], JUDGED[:1])
    assert all("markers" in line.mode for line in figure.data)


def test_each_validator_has_a_panel_with_every_checkpoint():
    figure = curves.validator_trust(JUDGED.assign(entropy=-JUDGED["im"], dev=np.nan))
    assert lines(figure) == {"im": ([0.1, 0.3, 0.2], [20, 90, 50]), "entropy": ([-0.1, -0.3, -0.2], [20, 90, 50])}
    assert [title.text for title in figure.layout.annotations] == ["im", "entropy"]
    assert list(figure.data[0].text) == ["epoch 1", "epoch 2", "epoch 3"]


def test_without_target_labels_the_scores_stand_by_epoch():
    assert lines(curves.validator_trust(UNKNOWN)) == {"im": ([1, 2, 3], [0.1, 0.3, 0.2])}
