"""The form that all images of a run share. It is stated once, where the domains are made, and travels with the data."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Fit = Literal["pad", "crop", "stretch"]
"""How a picture of any size becomes a square: all of it, with its aspect; its centre; all of it, without its aspect."""


class Format(BaseModel):
    """The form of the images that the networks see, and the classes to tell apart.

    Attributes:
        side: height and width, in pixels.
        channels: of an image: 3 for colour, to which a grey image is repeated; 1 where both domains are grey.
        classes: their names; the label of an image is the place of its class, from 0.
        fit: how pictures of other sizes were brought to the side, where both domains are a user's own.
        sources: names of the sources, where there are several; the number of an image's source is its place here.
        target_classes: names of the classes that the target has, where it has not all; see `domains.partial`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    side: int = Field(ge=1)
    channels: int = Field(ge=1)
    classes: tuple[str, ...] = Field(min_length=2)
    fit: Fit | None = None
    sources: tuple[str, ...] | None = Field(default=None, min_length=2)
    target_classes: tuple[str, ...] | None = Field(default=None, min_length=2)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of an image."""
        return self.channels, self.side, self.side

    @property
    def missing_in_target(self) -> tuple[str, ...]:
        """The classes that the source has and the target has not."""
        return tuple(name for name in self.classes if self.target_classes and name not in self.target_classes)

    def written(self) -> str:
        """Write the shape for people, such as ``3 × 28 × 28``."""
        return " × ".join(map(str, self.shape))


DIGITS = Format(side=28, channels=3, classes=tuple("0123456789"))
"""MNIST's: every domain of this project has it."""
