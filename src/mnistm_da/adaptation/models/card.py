"""A model card (Mitchell et al., FAT* 2019, arXiv 1810.03993): the facts to know before a model is used.

Its text is `card.md.j2`.
"""

import sys
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from mnistm_da.adaptation.measures.estimate_errors import told
from mnistm_da.adaptation.models.description import Description
from mnistm_da.adaptation.models.loading import untrained
from mnistm_da.adaptation.registry import ALGORITHMS, algorithm_class
from mnistm_da.parameters import CardParams

LABELS_READ = {
    "none": "It was trained on labelled source images and unlabelled target images; no target label was used.",
    "all": "It was trained on labelled target images: an upper bound, not an adaptation.",
}
FEW_LABELS = "It was trained on labelled source images, {} labelled target images of each class, and {}."
SOURCE_FREE = (
    "It was trained on unlabelled target images alone, and started from a trained `{}`: its training read neither "
    "source images nor labels."
)
SOURCE_ONLY = "It was trained on labelled source images only: a lower bound, not an adaptation."


def model_card(made_with: Description, metrics: dict[str, Any], check: dict[str, Any], card: CardParams) -> str:
    """Write the card of a model, as Markdown.

    Args:
        made_with: the model's own description.
        metrics: of this model; ``source_test`` and ``target_test`` are what `score` gives.
        check: of the exported files: ``tolerance``, ``versions``, ``sha256``, and for each split what
            `compare` gives by file.
        card: the texts about the data.
    """
    name = made_with.algorithm
    recalls = {of: recall for of, recall in metrics["target_test"]["per_class_recall"].items() if recall is not None}
    environment = Environment(
        loader=PackageLoader(__package__, ""), undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False
    )
    return environment.get_template("card.md.j2").render(
        name=name,
        images=made_with.format,
        family=ALGORITHMS[name].family,
        paper=(sys.modules[algorithm_class(name).__module__].__doc__ or "").splitlines()[0],
        labels_read=_labels_read(made_with),
        metrics=metrics,
        estimate_errors=told(),
        source=metrics["source_test"],
        target=metrics["target_test"],
        worst=min(recalls, key=lambda name: recalls[name], default=None),
        percent=lambda share: "–" if share is None else f"{100 * share:.2f}",
        made_with=made_with,
        start=ALGORITHMS[name].starts_from if made_with.start is not None else None,
        parameters=_parameters(made_with),
        check=check,
        card=card,
    )


def _parameters(made_with: Description) -> dict[str, Any]:
    """Give them with the network as the algorithm made it: some have no dropout, or a network of another kind."""
    return made_with.model_copy(update={"network": untrained(made_with).network, "start": None}).flat()


def _labels_read(made_with: Description) -> str:
    name = made_with.algorithm
    if name == "source_only":
        return SOURCE_ONLY
    if ALGORITHMS[name].source_free:
        return SOURCE_FREE.format(ALGORITHMS[name].starts_from)
    few = made_with.few_labels
    if few is None:
        return LABELS_READ[ALGORITHMS[name].target_labels]
    unlabelled = algorithm_class(name).reads_target and few.setting == "semi_supervised"
    others = "unlabelled target images" if unlabelled else "no other target image"
    return FEW_LABELS.format(few.per_class, others)
