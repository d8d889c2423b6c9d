"""Parameters of the data: how they are made and read, how they are cut into splits, and their names."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PlainSerializer

from .base import Params


class SynthesisParams(Params):
    """How MNIST-M is blended.

    Attributes:
        threshold: a digit's pixel is stroke where it is greater than this (0–254).
    """

    threshold: int = Field(default=0, ge=0, le=254)


def _is_number_or_share(value: float) -> float:
    if value >= 1 and value != int(value):
        raise ValueError(f"{value} is neither a whole number of images nor a share below 1")
    return int(value) if value >= 1 else value


def _as_it_is(value: float) -> Any:
    return value


# A number of images is an int: Pydantic would write it into JSON as the float that it is declared as.
HeldOut = Annotated[float, Field(gt=0), AfterValidator(_is_number_or_share), PlainSerializer(_as_it_is)]


class SplittingParams(Params):
    """How the training images of each domain are divided; its test images are always its test images.

    Attributes:
        source_validation: source training images held out for validation; a number below 1 is a share of them.
        target_validation: target training images held out for (label-free) validation, likewise.
        digits: ``shared``, the standard protocol, uses every training image of both domains, even where the target is
            made of the source's digits. ``disjoint`` gives each domain its own half of such digits.
    """

    source_validation: HeldOut = 5000
    target_validation: HeldOut = 5000
    digits: Literal["shared", "disjoint"] = "shared"


class FewLabelsParams(Params):
    """The settings between unsupervised and trained on every target label; for algorithms that are named for it.

    Attributes:
        setting: ``semi_supervised``: the labelled and all unlabelled images; ``supervised``: the labelled ones only.
        per_class: labelled target training images of each class, the field's k.
    """

    setting: Literal["semi_supervised", "supervised"] = "semi_supervised"
    per_class: int = Field(default=10, ge=1)

    def described(self) -> str:
        """Say it in the cell of a table."""
        return f"{self.per_class} of each class, {self.setting.replace('_', '-')}"


class PicturesParams(Params):
    """How a user's own pictures become two domains, in ``--env=pictures``.

    Attributes:
        side: height and width that they are brought to, in pixels.
        fit: ``pad`` keeps the whole picture and its aspect, and fills the rest with the colour of its border. ``crop``
            takes its central square. ``stretch`` keeps the whole picture, without its aspect.
        test_share: share of the pictures that is held out for testing: of each class of the source, and of the target
            if ``target_test`` is not named.
    """

    side: int = Field(default=32, ge=16, le=256)
    fit: Literal["pad", "crop", "stretch"] = "pad"
    test_share: float = Field(default=0.2, gt=0, lt=1)


class TitleParams(Params):
    """What figures call the two domains."""

    source: str = "MNIST"
    target: str = "MNIST-M"


class CardParams(Params):
    """What model card and report say of the data.

    Attributes:
        source: what the source images are.
        target: what the target images are, and how they were made.
        licences: of what they were made from.
        demonstration: whether models of these data are small ones for show; see `measures.percent.demonstration`.
        environment: the Kedro environment that these data are of, for the commands that are printed; None: the default.
    """

    source: str
    target: str
    licences: list[str] = Field(min_length=1)
    demonstration: bool = False
    environment: str | None = None
