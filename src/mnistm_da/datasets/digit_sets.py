"""A set of digits by its name, for either side of a pair."""

from pathlib import Path
from types import ModuleType
from typing import Any

from mnistm_da.errors import UserError
from mnistm_da.registry import DIGIT_SETS

from .raw.base import RawDomain


class NamedDigits(RawDomain):
    """The set that is named, of those in `registry.DIGIT_SETS`; ``path`` is the folder of raw files."""

    named_by = frozenset({"source", "target"})

    def __init__(self, *, name: str, other: str, path: str, **more: Any) -> None:
        """Read the set ``name``, whose counterpart in the pair is ``other``."""
        super().__init__(**more)
        self._name, self._other, self._folder = str(name).strip(), str(other).strip(), Path(path)

    def _describe(self) -> dict[str, Any]:
        return {"name": self._name, "folder": self._folder, "part": self._part}

    @property
    def _set(self) -> ModuleType:
        from mnistm_da.domains.digit_sets import digit_set

        found: ModuleType = digit_set(self._name)
        return found

    @property
    def imports(self) -> tuple[str, ...]:
        """The module of the set, which no import statement names."""
        return (self._set.__name__,)

    def check(self) -> None:
        if self._set and self._name == self._other:
            raise UserError(
                f"source and target are both '{self._name}': there is nothing to adapt to. Name two sets, such as "
                "--params=source=mnist,target=usps"
            )
        self._check_test_is_unseen()

    def _check_test_is_unseen(self) -> None:
        """Refuse a pair in which the test digits of one set are training digits of the other."""
        pair = [self._name, self._other]
        for small, large in (pair, pair[::-1]):
            inside = DIGIT_SETS[small].inside if small in DIGIT_SETS else None
            if large in DIGIT_SETS and inside and inside == (DIGIT_SETS[large].digits or large):
                raise UserError(
                    f"the test digits of {small} are training digits of {large}, so a score would mean nothing: take "
                    "mnist with mnist_m, or mnist_sample with synthetic_photos"
                )

    def read(self) -> dict[str, Any]:
        found: dict[str, Any] = self._set.load(self._folder)
        return found

    def content(self) -> str:
        found: str = self._set.content()
        return found

    def origin(self) -> str:
        found: str = getattr(self._set, "origin", self._set.content)()
        return found

    def sizes(self) -> Any:
        """Give the `Sizes` of the set without reading it."""
        return self._set.SIZES
