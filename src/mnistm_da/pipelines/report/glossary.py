"""What the short names of a report mean, each in a sentence or two, for readers who meet them here first."""

import ast
import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from mnistm_da.adaptation.registry import classes


@dataclass(frozen=True)
class Term:
    """A short name.

    Attributes:
        name: as it is written.
        text: what it means.
    """

    name: str
    text: str


TERMS = {
    "source_only": Term("lower bound", "source_only: trained on the source alone. An adaptation is to be better."),
    "target_only": Term(
        "upper bound", "target_only: trained on the target’s labels, which an adaptation has to do without."
    ),
    "last": Term("last epoch", "The weights after the last epoch of training. Nothing is chosen, so no label is used."),
    "oracle": Term(
        "oracle",
        "The epoch with the highest accuracy on the target’s test images, found with their labels. It tells what the "
        "best choice of an epoch could gain. Where labels are missing it cannot be had, so it is no result.",
    ),
    "validator": Term(
        "validator", "A score of a trained model that needs no target label; higher is better. It can pick the epoch."
    ),
    "im": Term(
        "IM",
        "Information maximisation, a validator: it is high where predictions are sure and the predicted classes are "
        "equally frequent. The sum of the validators entropy and diversity.",
    ),
    "entropy": Term(
        "entropy",
        "A validator: the mean negative entropy of the predictions. It is high where they are sure, even if all images "
        "are put into one class.",
    ),
    "diversity": Term(
        "diversity",
        "A validator: the entropy of the mean prediction. It is high where the predicted classes are equally frequent, "
        "even if they are guessed.",
    ),
    "bnm": Term(
        "BNM", "Batch nuclear norm, a validator: it is high where predictions are sure and diverse (arXiv 2003.12237)."
    ),
    "snd": Term(
        "SND",
        "Soft neighbourhood density, a validator: it is high where each image has many neighbours with similar "
        "predictions (arXiv 2108.10860).",
    ),
    "dev": Term(
        "DEV",
        "Deep embedded validation: the loss on the source, in which images count more the likelier they are in the "
        "target (You et al., ICML 2019). Negated, so that higher is better.",
    ),
    "class_cluster": Term(
        "class cluster", "A validator: how well the clusters of the target’s features agree with the predicted classes."
    ),
    "source_accuracy": Term("source accuracy", "The accuracy on the source. It says nothing of the target."),
    "rank_correlation": Term(
        "rank correlation",
        "Spearman’s, between a validator’s scores and the target test accuracies of the epochs. +1: it ranks them as "
        "the labels do; 0: it tells nothing; −1: it ranks them the wrong way round.",
    ),
    "atc": Term(
        "ATC",
        "Average thresholded confidence, an estimate of the accuracy without target labels: the share of target images "
        "that are surer than a threshold from the source (arXiv 2201.04234).",
    ),
    "doc": Term(
        "DoC",
        "Difference of confidences, an estimate of the accuracy without target labels: the source accuracy, less what "
        "the mean confidence loses from source to target (arXiv 2107.03315).",
    ),
    "interval": Term(
        "95 % interval",
        "Where the true value lies, as far as chance goes. Of several seeds, it tells how much training varies. Of one "
        "seed, only how much the choice of test images does: it is then too narrow for a comparison of algorithms.",
    ),
    "macro_f1": Term(
        "macro-F1",
        "The mean of the classes’ F1 scores, so that each class counts alike. F1 joins precision and recall.",
    ),
    "calibration": Term(
        "calibration error", "How far sure and right are apart: 0 if, of the images it is 90 % sure of, 90 % are right."
    ),
    "proxy_a_distance": Term(
        "proxy-A-distance",
        "How well a linear classifier tells the domains apart by the extractor’s features: 0, not at all; 2, always.",
    ),
    "recall": Term("recall", "Of the images of a class, the share that is classified correctly."),
    "seed": Term("seed", "The number that all chance in a run is drawn from. Another seed, another training."),
    "extractor_features": Term(
        "extractor’s features", "What the convolutions give to the classifier. It is what most algorithms align."
    ),
    "hidden_layer": Term("last hidden layer", "The units in front of the classifier’s last layer, after two layers."),
}
"""By the ending of the address: ``#term-im``. A validator or an estimate has its own name."""


def glossary(algorithms: Iterable[str], validators: Iterable[str]) -> dict[str, Term]:
    """Give the terms, and what each of these algorithms and validators is, as its code says it.

    Args:
        algorithms: names in the registry that the page shows.
        validators: names of ways to pick an epoch that the page shows.
    """
    found = TERMS | {name: Term(name, _about(name)) for name in algorithms if name not in TERMS}
    return found | {name: _validator(name) for name in validators if name not in TERMS}


def _validator(name: str) -> Term:
    """Explain a validator that has no entry above by the first paragraph of its function's docstring."""
    from mnistm_da.adaptation.measures.validators import VALIDATORS

    about = " ".join((inspect.getdoc(VALIDATORS[name]) or "").partition("\n\n")[0].split())
    return Term(name.replace("_", " "), f"A validator. {about}".replace("`", ""))


def _about(name: str) -> str:
    """Give the first paragraph of the docstrings of an algorithm's file and class, without importing torch for them."""
    module, class_name = classes()[name].split(":")
    found = find_spec(module)
    assert found
    assert found.origin
    tree = ast.parse(Path(found.origin).read_text(encoding="utf-8"))
    [made] = [one for one in tree.body if isinstance(one, ast.ClassDef) and one.name == class_name]
    paragraphs = [(ast.get_docstring(one) or "").partition("\n\n")[0] for one in (tree, made)]
    return " ".join(" ".join(paragraphs).split()).replace("`", "")
