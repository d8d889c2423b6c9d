"""A set of digits by its name, for either side of a pair; several sets, joined with ``+``, as the source."""

from pathlib import Path
from types import ModuleType
from typing import Any

from mnistm_da.domains.format import DIGITS, Format
from mnistm_da.domains.sizes import Sizes
from mnistm_da.errors import UserError
from mnistm_da.hashes import text_hash
from mnistm_da.registry import DIGIT_SETS
from mnistm_da.sources import JOIN, names

from .raw.base import RawDomain


class NamedDigits(RawDomain):
    """The sets that are named, of those in `registry.DIGIT_SETS`; ``path`` is the folder of raw files."""

    named_by = frozenset({"source", "target"})

    def __init__(self, *, name: str, other: str, path: str, **more: Any) -> None:
        """Read the sets ``name``, whose counterpart in the pair is ``other``."""
        super().__init__(**more)
        self._name, self._other, self._folder = str(name).strip(), str(other).strip(), Path(path)

    def _describe(self) -> dict[str, Any]:
        return {"name": self._name, "folder": self._folder, "part": self._part}

    @property
    def _sets(self) -> list[ModuleType]:
        from mnistm_da.domains.digit_sets import digit_set

        return [digit_set(name) for name in names(self._name)]

    @property
    def format(self) -> Format:  # type: ignore[override]
        """That of all digits; of several sets with their names."""
        several = names(self._name)
        return DIGITS.model_copy(update={"sources": several}) if len(several) > 1 else DIGITS

    @property
    def imports(self) -> tuple[str, ...]:
        """The modules of the sets, which no import statement names."""
        return tuple(one.__name__ for one in self._sets)

    def check(self) -> None:
        own, others = names(self._name), names(self._other)
        if self._part != "all" and len(own) > 1:
            raise UserError(
                f"target names several sets, {', '.join(own)}, and a run has one target: name one of them. Several "
                f"sources are possible: --params=source=mnist{JOIN}usps,target=svhn"
            )
        if self._sets and set(own) & set(others):
            [same, *_] = [name for name in own if name in others]
            raise UserError(
                f"source and target are both '{same}': there is nothing to adapt to. Name two sets, such as "
                "--params=source=mnist,target=usps"
            )
        if len(set(own)) < len(own):
            raise UserError(f"'{self._name}' names a set twice: name each once")
        self._check_test_is_unseen([*own, *others])

    def _check_test_is_unseen(self, all_sets: list[str]) -> None:
        """Refuse sets of which the test digits of one are training digits of another."""
        for small in all_sets:
            for large in all_sets:
                inside = DIGIT_SETS[small].inside if small in DIGIT_SETS else None
                if large in DIGIT_SETS and inside and inside == (DIGIT_SETS[large].digits or large):
                    raise UserError(
                        f"the test digits of {small} are training digits of {large}, so a score would mean nothing: "
                        "take mnist with mnist_m, or mnist_sample with synthetic_photos"
                    )

    def read(self) -> dict[str, Any]:
        from mnistm_da.domains.several import joined

        readings: list[dict[str, Any]] = [one.load(self._folder) for one in self._sets]
        return readings[0] if len(readings) == 1 else joined(readings)

    def content(self) -> str:
        return _of_all([one.content() for one in self._sets])

    def origin(self) -> str:
        return _of_all([getattr(one, "origin", one.content)() for one in self._sets])

    def sizes(self) -> Any:
        """Give the `Sizes` of the sets without reading them."""
        of_sets: list[Sizes] = [one.SIZES for one in self._sets]
        if len(of_sets) == 1:
            return of_sets[0]
        train, fewest, test = zip(*((of.train, of.fewest, of.test) for of in of_sets), strict=True)
        return Sizes(sum(train), sum(fewest), sum(test), train_of_sources=train)


def _of_all(contents: list[str]) -> str:
    return contents[0] if len(contents) == 1 else text_hash(" ".join(contents))
