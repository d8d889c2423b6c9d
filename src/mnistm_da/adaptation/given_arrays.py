"""What a user of the Python interface gives, as the training reads it."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from pydantic import Field

from mnistm_da.adaptation.algorithm import Arrays
from mnistm_da.domains.splits import Cut, with_every_class
from mnistm_da.errors import UserError
from mnistm_da.parameters import Params, Seed
from mnistm_da.validation import check


class Settings(Params):
    """What `DomainAdapter` is asked for, besides the sections of parameters that the pipelines have too."""

    algorithm: str
    validation: float = Field(gt=0, lt=1)
    random_state: Seed
    device: str


def check_settings(asked: dict[str, Any]) -> None:
    """Refuse settings of a wrong type or range, before anything is trained.

    Args:
        asked: by the names of `Settings`, and perhaps others.

    Raises:
        UserError: a line for each that is wrong.
    """
    found = {name: asked[name] for name in Settings.model_fields}
    if isinstance(found["random_state"], np.integer):
        found["random_state"] = int(found["random_state"])
    check("", Settings, found)


def as_images(given: ArrayLike, name: str) -> np.ndarray:
    """Give images as the networks read them.

    Args:
        given: ``(N, S, S)``, ``(N, S, S, 1 or 3)`` or ``(N, 1 or 3, S, S)``, ``uint8`` 0–255 or floating 0–1.
        name: of the argument, for the message.

    Returns:
        ``(N, 1 or 3, S, S)`` uint8 0–255.

    Raises:
        UserError: another shape or type, no image, or values out of range.
    """
    images = np.asarray(given)
    if images.ndim == 3:
        images = images[:, None]
    elif images.ndim == 4 and images.shape[1] not in (1, 3) and images.shape[3] in (1, 3):
        images = images.transpose(0, 3, 1, 2)
    if images.ndim != 4 or images.shape[1] not in (1, 3) or images.shape[2] != images.shape[3] or not len(images):
        raise UserError(
            f"{name} is {np.shape(given)}: square images are (N, S, S), (N, S, S, 1 or 3) or "
            "(N, 1 or 3, S, S), at least one"
        )
    if images.dtype == np.uint8:
        return np.ascontiguousarray(images)
    if images.dtype.kind == "f" and images.min() >= 0 and images.max() <= 1:  # NaN is refused too
        return np.ascontiguousarray((images * 255).round().astype(np.uint8))
    raise UserError(f"{name} is {images.dtype}: images are uint8 0–255 or floating 0–1, without NaN")


def numbered(domains: ArrayLike, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the sources that images are from.

    Args:
        domains: ``(N,)``, whole numbers or texts: the source of each image.
        count: of the images.

    Returns:
        ``(M,)``, the sources in order; and ``(N,)`` int64, the place of each image's source among them.

    Raises:
        UserError: not as many as images, or something else than numbers or texts.
    """
    given = np.asarray(domains)
    if given.ndim != 1:
        raise UserError(f"domains are {given.shape}: one number or text is needed for each image")
    if len(given) != count:
        raise UserError(f"there are {count} images, but {len(given)} domains")
    are_texts = given.dtype.kind == "U" or (given.dtype.kind == "O" and all(isinstance(one, str) for one in given))
    if given.dtype.kind not in "iub" and not are_texts:
        raise UserError(f"domains are {given.dtype}: whole numbers or texts say which source an image is from")
    names, numbers = np.unique(given, return_inverse=True)
    return names, numbers.astype(np.int64)


def divided(source: Arrays, share: float, seed: int) -> tuple[Arrays, Arrays]:
    """Hold out a share of each source's images, at least one, for the accuracy that is shown per epoch.

    Args:
        source: ``images``, ``labels`` and, of several sources, ``domains``; as `numbered` gives these.
        share: to be held out, 0–1.
        seed: of the order of the images.

    Returns:
        The same arrays for training, with images of each class, and for validation.

    Raises:
        UserError: none is left for the one or the other.
    """
    of = source.get("domains", np.zeros(len(source["images"]), np.int64))
    cuts = []
    for number in range(of.max() + 1):
        places = np.flatnonzero(of == number)
        size = max(1, round(share * len(places)))
        if size >= len(places):
            raise UserError(
                f"validation holds out {size} of the {len(places)} images of a source, and none is left to train "
                "on: lower it, or give more images"
            )
        cuts.append(np.split(places[np.random.default_rng(seed).permutation(len(places))], [size]))
    held_out, others = map(np.concatenate, zip(*cuts, strict=True))
    chosen = with_every_class(Cut(others, held_out), source["labels"])
    train, validation = ({name: array[part] for name, array in source.items()} for part in chosen)
    return train, validation
