"""Algorithms of the benchmark against each other."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from benchmark_parameters import PARAMETERS
from mnistm_da import extras
from mnistm_da.pipelines.benchmark.names import made_with, result_name
from mnistm_da.pipelines.benchmark.pairs import block, by_seed, compare, draw_ranks, verdicts, write_differences

SEEDS = range(7)
MORE = PARAMETERS | {"target_only": {}}


def results(**scores):
    """Results with these target test accuracies, a number for each seed; None where there is no result."""
    found = {}
    for algorithm, accuracies in scores.items():
        for seed, accuracy in enumerate(accuracies):
            if accuracy is not None:
                one = {"algorithm": algorithm, "seed": seed, "picks": {"last": {"target_test_accuracy": accuracy}}}
                found[result_name(algorithm, seed, MORE)] = one
    return found


THREE = results(
    source_only=[0.5 + 0.01 * seed for seed in SEEDS],
    dann=[0.7 + 0.02 * seed for seed in SEEDS],
    target_only=[None, *(0.9 - 0.01 * seed for seed in SEEDS[1:])],
)


def test_pairs_are_compared_on_the_seeds_that_both_have():
    of_other_parameters = {
        result_name("dann", 0, MORE | {"training": {"epochs": 3}}): next(iter(results(dann=[0.1]).values()))
    }
    found = compare(THREE | of_other_parameters, MORE)
    assert found[["first", "second", "seeds"]].to_numpy().tolist() == [
        ["target_only", "dann", 6],
        ["target_only", "source_only", 6],
        ["dann", "source_only", 7],
    ]
    last = found.iloc[2]
    assert last["difference"] == pytest.approx(np.mean([0.2 + 0.01 * seed for seed in SEEDS]))
    assert last["p"] == last["smallest_p"] == 2 / 2**7
    assert last["corrected_p"] == pytest.approx(3 * last["p"])
    assert verdicts(found.to_dict("records")) == [
        "too few seeds to test",
        "too few seeds to test",
        "differ",
    ]
    assert "| `dann` | `source_only` | 7 | +23.00 | " in write_differences(found)


def test_what_the_numbers_do_not_show_is_said():
    equal = results(source_only=[0.5, 0.6, 0.5, 0.6, 0.5, 0.6], dann=[0.6, 0.5, 0.6, 0.5, 0.6, 0.51])
    [row] = compare(equal, MORE).to_dict("records")
    assert verdicts([row]) == ["no difference shown"]
    assert compare(results(dann=[0.5], source_only=[0.5]), MORE).empty


def test_a_pair_that_follows_one_that_differs_needs_fewer_seeds():
    """Six seeds are too few for two pairs; where one of these passed, Holm asks of the other what one pair needs."""
    six = {"corrected_p": 0.3, "smallest_p": 2 / 2**6}
    assert verdicts([six, six]) == ["too few seeds to test"] * 2
    assert verdicts([{"corrected_p": 0.004, "smallest_p": 2 / 2**9}, six]) == ["differ", "no difference shown"]


def test_the_ranked_block_is_the_one_with_the_most_results():
    table = by_seed(made_with(THREE, MORE))
    assert block(table).shape == (6, 3)  # 18 results; of two algorithms it would be 14
    few = table.assign(target_only=[0.9, 0.8, *[None] * 5])
    assert list(block(few)) == ["source_only", "dann"]
    assert block(pd.DataFrame()).empty


def words(figure):
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def test_the_figure_has_each_mean_rank():
    drawn = words(draw_ranks(THREE, MORE))
    for label in ("target_only  1.", "source_only  3.0", "over 6 seeds"):
        assert label in drawn or "  ".join(reversed(label.split("  "))) in drawn, drawn


def test_where_there_is_no_diagram_the_figure_says_why(monkeypatch, caplog):
    assert "3 algorithms that share 2 seeds" in words(draw_ranks(results(dann=[0.5, 0.6]), MORE))
    monkeypatch.setitem(extras.EXTRAS, "statistics", ("not_installed",))
    assert "pip install 'mnistm-da[statistics]'" in words(draw_ranks(THREE, MORE))
    assert "the figure of ranks needs not_installed" in caplog.text
