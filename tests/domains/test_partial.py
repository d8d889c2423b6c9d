"""A target with fewer classes than the source: its names, the images that are dropped, and the warnings."""

import json
import logging
from types import SimpleNamespace

import numpy as np
import pytest

from benchmark_parameters import PARAMETERS
from conftest import make_split
from mnistm_da.adaptation.models.loading import build
from mnistm_da.adaptation.registry import ALGORITHMS, algorithm_class
from mnistm_da.datasets.digit_sets import NamedDigits
from mnistm_da.datasets.raw import SampleDigits
from mnistm_da.domains.format import DIGITS
from mnistm_da.domains.partial import kept_classes, without_dropped
from mnistm_da.errors import UserError
from mnistm_da.hooks.sizes import _check_disjoint
from mnistm_da.hooks.summary import _score_table
from mnistm_da.parameters import FewLabelsParams, SplittingParams
from mnistm_da.pipelines.benchmark.names import depends_on, result_name
from mnistm_da.pipelines.ingestion.nodes import ingest_source, ingest_target_labels
from mnistm_da.pipelines.report.nodes import _partial
from mnistm_da.pipelines.splitting.nodes import label_few
from mnistm_da.registry import FIT_FOR_PARTIAL
from training_data import SMALL, states

FOUR = DIGITS.model_copy(update={"target_classes": ("0", "1", "2", "3")})
PETS = ("cat", "guinea pig", "dog")


@pytest.mark.parametrize(
    ("named", "classes", "kept"),
    [
        (None, DIGITS.classes, None),
        ("3 0", DIGITS.classes, ("0", "3")),
        ("3+0", DIGITS.classes, ("0", "3")),
        ([3, "0", 3], DIGITS.classes, ("0", "3")),
        ("dog cat", PETS, ("cat", "dog")),
        ("dog+guinea pig", PETS, ("guinea pig", "dog")),
        ("c++ python", ("c++", "java", "python"), ("c++", "python")),
    ],
)
def test_classes_are_named_as_they_can_be_typed(named, classes, kept):
    assert kept_classes(named, classes) == kept


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ("0 1 x", "there is no class 'x'.*Names have spaces between them"),
        ("0,1", "there is no class '0,1'.*Names have spaces between them"),
        ("", "target_classes names no class"),
        ([], "target_classes names no class"),
        ("7", "target_classes names one class, 7"),
        (7, "target_classes names one class, 7"),
        ("7 7", "target_classes names one class, 7"),
        ("9 8 7 6 5 4 3 2 1 0", "target_classes names all 10 classes"),
    ],
)
def test_what_names_no_part_of_the_classes_is_one_message(named, message):
    with pytest.raises(UserError, match=message):
        kept_classes(named, DIGITS.classes)


def test_a_class_without_an_image_in_the_target_is_told():
    found = {f"{part}_{name}": np.arange(4) for part in ("train", "test") for name in ("images", "labels")}
    with pytest.raises(UserError, match="keeps the class 9, but no train image of the target is of it"):
        without_dropped(found, ("0", "9"), DIGITS.classes)


def test_images_and_labels_of_the_target_are_dropped_together_in_train_and_test():
    """By the reader, which knows both: so no label comes near the nodes that make target images."""
    images, labels = (SampleDigits(part=part, target_classes="4 7").load() for part in ("images", "labels"))
    whole = SampleDigits().load()
    assert not any("labels" in name for name in images)
    for part in ("train", "test"):
        chosen = np.isin(whole[f"{part}_labels"], (4, 7))
        np.testing.assert_array_equal(images[f"{part}_images"], whole[f"{part}_images"][chosen])
        np.testing.assert_array_equal(labels[f"{part}_labels"], whole[f"{part}_labels"][chosen])


def test_the_format_says_it_and_a_reader_that_does_not_drop_is_refused():
    raw = SampleDigits().load()
    _, format = ingest_source(raw, "0 1")
    assert format["target_classes"] == ["0", "1"]
    assert FOUR.missing_in_target == ("4", "5", "6", "7", "8", "9")
    assert DIGITS.missing_in_target == ()
    with pytest.raises(UserError, match=r"its reader does not: .*target_classes: \$\{parameter:target_classes\}"):
        ingest_target_labels(raw, format)


def test_a_few_labels_are_of_the_classes_that_are_there():
    target = make_split(40, channels=3, seed=0, classes=4)
    few = label_few(
        {"images": target["images"]},
        {"labels": target["labels"]},
        FOUR.model_dump(mode="json"),
        FewLabelsParams(per_class=2),
        0,
    )
    assert np.bincount(few["labels"]).tolist() == [2, 2, 2, 2]


def test_halves_of_the_same_digits_and_a_part_of_the_classes_do_not_go_together():
    source = NamedDigits(name="mnist", other="mnist_m", path="raw")
    target = NamedDigits(name="mnist_m", other="mnist", path="raw", part="images", target_classes="0 1")
    with pytest.raises(UserError, match="target_classes leaves fewer of them in the target"):
        _check_disjoint(SplittingParams(digits="disjoint"), source, target)


def test_a_benchmark_result_of_fewer_classes_has_another_name_and_others_keep_theirs():
    partial = PARAMETERS | {"target_classes": "0 1"}
    assert "target_classes" not in depends_on("dann", PARAMETERS)
    assert depends_on("dann", partial) == depends_on("dann", PARAMETERS) | {"target_classes": "0 1"}
    assert result_name("dann", 0, partial) != result_name("dann", 0, PARAMETERS)


@pytest.mark.parametrize("name", ["dann", "atdoc"])
def test_an_algorithm_that_assumes_equal_classes_warns_once(name, caplog):
    with caplog.at_level(logging.WARNING):
        states(name, format=FOUR.model_dump(), network=SMALL)
        states(name, network=SMALL)
    said = [message for message in caplog.messages if "assumes the same classes" in message]
    assert len(said) == (0 if ALGORITHMS[name].fits_partial else 1)
    assert not said or (said[0].startswith("dann assumes") and "the target lacks 4, 5, 6, 7, 8, 9" in said[0])


@pytest.mark.parametrize("name", ["dann", "shot"])
def test_no_algorithm_is_told_which_classes_the_target_has(name):
    assert build(algorithm_class(name), {}, SMALL, FOUR, seed=0).format == DIGITS


def test_which_algorithms_fit_is_told_in_one_place(root):
    assert FIT_FOR_PARTIAL == ["afn", "atdoc", "rotation"]
    page = (root / "docs/other_settings.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in page for name in FIT_FOR_PARTIAL)


def test_the_command_line_tells_it_and_all_that_is_made_is_stale(sample_run, kedro_here):
    """Wrong classes before any node runs; other classes than the run had, in `kedro status`."""
    wrong = kedro_here("run", "--env=sample", "--params=target_classes=0 10", cwd=sample_run.folder)
    assert wrong.returncode != 0
    assert "there is no class '10'" in wrong.stdout
    found = kedro_here(
        "status", "--pipelines=data", "--env=sample", "--json", "--params=target_classes=0 1", cwd=sample_run.folder
    )
    nodes = {node["node"]: node for node in json.loads(found.stdout)}
    assert any("target_classes" in why for why in nodes["ingest_source"]["why"])
    assert nodes["split_target"]["state"] == "stale"


def test_terminal_and_report_say_which_classes_the_target_has():
    scores = {"accuracy": 0.5, "count": 10, "macro_f1": 0.5, "expected_calibration_error": 0.1}
    scores |= {"per_class_recall": dict.fromkeys(DIGITS.classes)}
    metrics = {"algorithm": "dann", "selection": "last", "source_test": scores, "target_test": scores}
    line = "The target has only 2 of 10 classes: 3, 7."
    assert _score_table([metrics | {"target_classes": ["3", "7"]}], {}).caption == line
    assert _score_table([metrics], {}).caption is None
    of_part, of_all = (SimpleNamespace(metrics=metrics | more) for more in ({"target_classes": ["3", "7"]}, {}))
    assert _partial({}, [of_part, of_part]) == [line]
    assert _partial({}, [of_all]) == []
    assert _partial({}, [of_all, of_part])[1].startswith("Not all runs of this page are of the same target classes")
