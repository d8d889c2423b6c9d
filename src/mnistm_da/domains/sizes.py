"""How many images there are in a domain, before they are read."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Of one domain.

    Attributes:
        train: training images.
        fewest: training images of the class that has the fewest.
        test: test images.
        train_of_sources: training images of each of several sources.
    """

    train: int
    fewest: int
    test: int
    train_of_sources: tuple[int, ...] = ()

    @property
    def cut_apart(self) -> tuple[int, ...]:
        """Training images of each part that is divided by itself: of every source, or of the whole domain."""
        return self.train_of_sources or (self.train,)
