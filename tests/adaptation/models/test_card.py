import re

import numpy as np
import pytest

from mnistm_da.adaptation.measures.estimate_errors import told
from mnistm_da.adaptation.measures.scores import score
from mnistm_da.adaptation.models.card import model_card
from mnistm_da.adaptation.models.description import Description
from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.domains.format import DIGITS
from mnistm_da.domains.reading import UNLABELLED
from mnistm_da.parameters import CardParams, FewLabelsParams, NetworkParams, TitleParams, TrainingParams
from mnistm_da.pipelines.evaluation.unlabelled import score_if_labelled

CARD = CardParams(source="grey digits", target="coloured digits", licences=["MNIST: one", "BSDS500: another"])


def described(name, setting="semi_supervised"):
    few = FewLabelsParams(setting=setting, per_class=4) if ALGORITHMS[name].target_labels == "few" else None
    return Description(
        algorithm=name,
        params={"epochs_factor": 0.7},
        network=NetworkParams(),
        format=DIGITS,
        training=TrainingParams(epochs=8),
        few_labels=few,
        seed=3,
        data=255,
        start=254 if ALGORITHMS[name].starts_from else None,
        checkpoints=4,
        epoch=7,
        selected_by="im",
        titles=TitleParams(source="MNIST", target="MNIST-M"),
    )


def metrics():
    rng = np.random.default_rng(0)
    return {
        split: score(rng.integers(0, 10, count), rng.dirichlet(np.full(10, 0.1), count), DIGITS.classes)
        for split, count in (("source_test", 1200), ("target_test", 1300))
    }


def check():
    compared = {"onnx": {"max_absolute_difference": 1e-6, "equal_predictions": 1200, "agree": True}}
    return {
        "tolerance": 1e-4,
        "versions": {"torch": "2.0"},
        "sha256": {"onnx": "abc"},
        "source_test": {"compared": compared},
        "target_test": {"compared": compared},
    }


@pytest.mark.parametrize("name", ALGORITHMS)
def test_the_card_holds_the_numbers_of_the_metrics(name):
    scores = metrics()
    text = model_card(described(name), scores, check(), CARD)
    table = dict(re.findall(r"^\| ([\w -]+) \| (.*) \|$", text, re.MULTILINE))
    for row, key in (("accuracy", "accuracy"), ("macro-F1", "macro_f1")):
        assert table[row] == " | ".join(f"{100 * scores[split][key]:.2f}" for split in ("source_test", "target_test"))
    for digit in map(str, range(10)):
        recall = [scores[split]["per_class_recall"][digit] for split in ("source_test", "target_test")]
        assert table[f"recall of {digit}"] == f"{100 * recall[0]:.2f} | {100 * recall[1]:.2f}"
    worst = min(range(10), key=lambda digit: scores["target_test"]["per_class_recall"][str(digit)])
    assert f"on target test images, {worst} is the worst" in text
    for said in (
        "Epoch 7 of 8",
        "validator `im`",
        "seed 3",
        "000000ff",
        "Target, MNIST-M:",
        f"| `{name}.epochs_factor` | 0.7 |",
        *CARD.licences,
    ):
        assert said in text
    start = ALGORITHMS[name].starts_from
    assert (f"The training used a trained `{start}`, whose weights have the checksum 000000fe." in text) is bool(start)
    for said in TRAINED_ON.values():
        assert (said in text) is (said == TRAINED_ON[trained_on(name)])


def test_the_card_of_the_champion_says_what_its_network_is():
    text = model_card(described("champion"), metrics(), check(), CARD)
    for row in ("architecture` | vgg", "dropout` | 0.0", "views` | shifted"):
        assert f"| `network.{row} |" in text
    assert "`start`" not in text


def test_without_target_labels_estimates_are_told_with_their_errors():
    unlabelled = score_if_labelled(np.full(5, UNLABELLED), np.full((5, 10), 0.1), DIGITS.classes)
    scores = metrics() | {"target_test": unlabelled, "estimated_accuracy": {"atc": 0.714, "doc": 0.6}}
    text = model_card(described("dann"), scores, check(), CARD)
    assert f"is not known. Two estimates: ATC 71 %, DoC 60 %. {told()}\n\nRecall" in text


TRAINED_ON = {
    "source": "on labelled source images only: a lower bound",
    "unlabelled target": "unlabelled target images; no target label was used",
    "target alone": "on unlabelled target images alone, and started from a trained `",
    "few": "4 labelled target images of each class, and unlabelled target images.",
    "few alone": "4 labelled target images of each class, and no other target image.",
    "target": "on labelled target images: an upper bound",
}


def trained_on(name, setting="semi_supervised"):
    if name in {"source_only", "target_only"}:
        return name.removesuffix("_only")
    if ALGORITHMS[name].source_free:
        return "target alone"
    if ALGORITHMS[name].target_labels != "few":
        return "unlabelled target"
    return "few alone" if setting == "supervised" or name == "source_few_labels" else "few"


@pytest.mark.parametrize("name", [name for name, entry in ALGORITHMS.items() if entry.target_labels == "few"])
def test_in_the_supervised_setting_no_unlabelled_image_is_named(name):
    text = model_card(described(name, "supervised"), metrics(), check(), CARD)
    assert TRAINED_ON[trained_on(name, "supervised")] in text
    assert "unlabelled target images" not in text


def test_the_card_says_which_classes_the_target_has():
    part = DIGITS.model_copy(update={"target_classes": ("3", "7")})
    text = model_card(described("mcc").model_copy(update={"format": part}), metrics(), check(), CARD)
    assert "- The target has only some of the classes: 3, 7. Its other images were left out" in text
    assert "only some of the classes" not in model_card(described("mcc"), metrics(), check(), CARD)
