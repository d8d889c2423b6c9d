"""A proxy target: the source's own training digits over photos that are not the target's. Its labels are known."""

from typing import Any

import numpy as np

from mnistm_da.errors import UserError
from mnistm_da.seeds import stream

from .format import Format

Arrays = dict[str, np.ndarray]

TESTED = 0.2
"""Share of the source's training images that the proxy is tested with; the source's test images are no part of it."""


def proxy_size(count: int) -> int:
    """Give the number of training images of each of the proxy's domains, of ``count`` training images of the source."""
    return count - round(TESTED * count)


def proxy_pair(source: Arrays, proxy_photos: Arrays, format: dict[str, Any]) -> dict[str, Any]:
    """Give a pair of domains that stands for the real one, of the source's training images alone.

    The proxy target lacks the classes that the real one is said to lack.

    Args:
        source: the labelled domain; see `domains.reading`.
        proxy_photos: of `pack_photos`, by part: none of the target's.
        format: of the images, a `Format` as a dictionary.

    Returns:
        ``source``, ``raw_target_images``, ``target_labels`` and ``photos``, as the pipelines know them. Images are
        divided in the same way whatever the seed of a run is.

    Raises:
        UserError: photos cannot be laid behind the source's images, which are in colour.
    """
    if source["train_images"].shape[1] != 1 or format["channels"] != 3:
        raise UserError(
            "tune.score=proxy lays photos behind the source's images, which works for grey images where the format is "
            "in colour: name a validator here, such as tune.score=im"
        )
    count = len(source["train_images"])
    order = np.random.default_rng(stream(0, "proxy")).permutation(count)
    tested = count - proxy_size(count)
    parts = {"test": np.sort(order[:tested]), "train": np.sort(order[tested:])}
    found = {
        f"{part}_{name}": source[f"train_{name}"][chosen]
        for part, chosen in parts.items()
        for name in ("images", "labels", "domains")
        if f"train_{name}" in source
    }
    real = Format.model_validate(format)
    images, labels = {}, {}
    for part in parts:
        kept = ~np.isin(found[f"{part}_labels"], [real.classes.index(name) for name in real.missing_in_target])
        images[f"{part}_images"], labels[f"{part}_labels"] = (
            found[f"{part}_{of}"][kept] for of in ("images", "labels")
        )
    return {
        "source": found,
        "raw_target_images": images | {"format": real},
        "target_labels": labels,
        "photos": proxy_photos,
    }
