"""The table of the benchmark, and the results that it is made of."""

import numpy as np
import pytest
import torch

from benchmark_parameters import PARAMETERS
from mnistm_da.pipelines.benchmark.names import depends_on, result_name
from mnistm_da.pipelines.benchmark.pairs import compare
from mnistm_da.pipelines.benchmark.table import tabulate, write_markdown, write_table


def record(algorithm, seed, parameters, **picks):
    """A result with the target test accuracy of each pick."""
    picks = {by: {"target_test_accuracy": accuracy} for by, accuracy in picks.items()}
    depends = depends_on(algorithm, parameters)
    scores = {"algorithm": algorithm, "seed": seed, "epochs": 2, "picks": picks, "source_test": {"accuracy": 0.9}}
    return {result_name(algorithm, seed, parameters): scores | {"timing": {"seconds": 1.0}, "parameters": depends}}


def test_where_im_gave_no_score_it_picked_nothing():
    of_both = record("dann", 0, PARAMETERS, last=0.5, oracle=0.6, im=0.4) | record(
        "dann", 1, PARAMETERS, last=0.7, oracle=0.7
    )
    [row] = tabulate(of_both, PARAMETERS).to_dict("records")
    assert (row["seeds"], row["last"], row["label_free"]) == (2, pytest.approx(0.6), 0.4)
    [row] = tabulate(record("dann", 1, PARAMETERS, last=0.7, oracle=0.7), PARAMETERS).to_dict("records")
    assert np.isnan(row["label_free"])


def test_the_table_says_how_many_target_labels_there_were():
    parameters = PARAMETERS | {"dann_few_labels": {}, "few_labels": {"per_class": 3}}
    records = {}
    for name in ("dann", "dann_few_labels"):
        records |= record(name, 0, parameters, last=0.5, oracle=0.6)
    assert list(tabulate(records, parameters)["target_labels"]) == ["none", "3 of each class, semi-supervised"]


def test_the_table_as_text():
    records = record("dann", 0, PARAMETERS, last=0.5, im=0.51, oracle=0.6)
    assert write_markdown(tabulate(records, PARAMETERS)).splitlines()[2:] == [
        "| `dann` | adversarial | none | 2 | 1 | 50.00 | – | 51.00 | 60.00 | 90.00 |"
    ]
    records |= record("dann", 1, PARAMETERS, last=0.7, oracle=0.7) | record(
        "source_only", 1, PARAMETERS, last=0, oracle=0
    )
    assert write_markdown(tabulate(records, PARAMETERS)).splitlines()[2:] == [
        "| `source_only` | bound | none | 2 | 1 | 0.00 | – | – | 0.00 | 90.00 |",
        "| `dann` | adversarial | none | 2 | 2 | 60.00 ± 14.14 | 0.00–100.00 | 51.00 | 65.00 | 90.00 |",
    ]
    text = write_table(tabulate(records, PARAMETERS), compare(records, PARAMETERS))
    assert "of one seed the spread is not known" in text
    assert "No two algorithms share two seeds" in text


def test_no_table_without_a_record_of_these_parameters():
    other = record("dann", 0, PARAMETERS | {"training": {"epochs": 3}}, last=0.5, oracle=0.6)
    with pytest.raises(ValueError, match=r"no result .*1 in all.* `kedro run --pipelines=benchmark`"):
        tabulate(other, PARAMETERS)


def test_another_parameter_is_another_run():
    name = result_name("dann", 0, PARAMETERS)
    assert name != result_name("dann", 0, PARAMETERS | {"dann": {"weight": 2}})
    assert name != result_name("dann", 0, PARAMETERS | {"training": {"epochs": 3}})
    assert name != result_name("source_only", 0, PARAMETERS)
    assert name == result_name("dann", 0, PARAMETERS | {"source_only": {"other": 1}})
    assert name == result_name("dann", 0, PARAMETERS | {"few_labels": {"per_class": 3}})


def test_a_parameter_that_is_not_named_counts_with_its_default():
    name = result_name("dann", 0, PARAMETERS)
    assert name == result_name("dann", 0, PARAMETERS | {"dann": {"weight": 1.0}})
    assert depends_on("dann", PARAMETERS)["dann"]["reversal_peak"] == 1
    few = PARAMETERS | {"dann_few_labels": {}, "few_labels": {"per_class": 3}}
    assert depends_on("dann_few_labels", few)["few_labels"]["per_class"] == 3


@pytest.mark.parametrize(("told", "lower"), [({"avx512_bf16": True}, "bfloat16"), ({}, "float32")])
def test_a_record_is_named_by_the_precision_that_was_trained_in(monkeypatch, told, lower):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: told, raising=False)

    def asked(precision):
        return PARAMETERS | {"vada": {}, "dirt_t_from_dann": {}, "training": {"epochs": 2, "precision": precision}}

    assert depends_on("dann", asked("auto")) == depends_on("dann", asked(lower))
    assert depends_on("vada", asked("auto")) == depends_on("vada", asked("float32")), "it needs exact networks"
    assert result_name("dann", 0, asked("float32")) != result_name("dann", 0, asked("bfloat16"))
    start = depends_on("dirt_t_from_dann", asked("auto")).get("start_precision")
    assert start == (None if lower == "float32" else lower), "dann's, which it starts from"
