"""A user's own pictures, as either side of a pair."""

import logging
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from mnistm_da.domains.format import Format
from mnistm_da.errors import UserError
from mnistm_da.hashes import text_hash
from mnistm_da.parameters import PicturesParams
from mnistm_da.project_paths import as_user_means, is_there, without_scheme
from mnistm_da.sources import places, titles
from mnistm_da.validation import check

from .raw.base import RawDomain

if TYPE_CHECKING:
    from mnistm_da.domains.folders import Places, Survey

logger = logging.getLogger(__name__)


class Surveys:
    """The surveys of one session, each made once: a million files take minutes. They do not go to other processes."""

    def __init__(self) -> None:
        self._made: dict[tuple[Places, float, str], Survey] = {}

    def of(self, places: "Places", test_share: float, target_classes: Any) -> "Survey":
        """Give `survey`'s answer: the earlier one, if there is one."""
        from mnistm_da.domains.folders import survey

        key = places, test_share, repr(target_classes)
        if key not in self._made:
            self._made[key] = survey(places, test_share, target_classes)
        return self._made[key]

    def forget(self) -> None:
        """Let every survey be made anew."""
        self._made.clear()

    def __reduce__(self) -> tuple[type["Surveys"], tuple[()]]:
        return Surveys, ()


class PictureDomain(RawDomain):
    """The labelled pictures of ``source``, or those of ``target`` and, if there are any, ``target_test``.

    Each reader looks at both domains, to check that they are a pair. Paths are relative to where the command was
    started, else to the project. The target's training pictures have no labels.
    """

    named_by = frozenset({"source", "target", "target_test", "pictures"})

    def __init__(
        self,
        *,
        domain: Literal["source", "target"],
        source: str | None,
        target: str | None,
        target_test: str | None = None,
        target_classes: Any = None,
        pictures: dict[str, Any],
        **more: Any,
    ) -> None:
        """Read the pictures of a ``domain``; ``pictures`` says how, see `PicturesParams`.

        The survey drops classes of the target, since training pictures have no labels; see `domains.folders.survey`.
        """
        super().__init__(**more)
        self._classes_of_target = target_classes
        self._domain, self._pictures, self._surveys = domain, pictures, Surveys()
        self._named = {"source": source, "target": target, "target_test": target_test}

    def share(self, surveys: Surveys) -> None:
        """Look up what there is in surveys that other datasets of the session have too."""
        self._surveys = surveys

    def _release(self) -> None:
        self._surveys.forget()

    def _describe(self) -> dict[str, Any]:
        return {"domain": self._domain, "part": self._part} | self._named

    @property
    def params(self) -> PicturesParams:
        """How the pictures are read."""
        check("pictures", PicturesParams, self._pictures)
        return PicturesParams.model_validate(self._pictures)

    @property
    def place(self) -> str | None:
        """Where the pictures are, for the record; of the target's labels, where the test pictures are."""
        return self._named["target_test" if self._part == "labels" else self._domain]

    def _exists(self) -> bool:
        of_target = [self._place(name) for name in ("target", "target_test") if self._named[name]]
        return all(is_there(place) for place in (*self._sources(), *of_target))

    def _sources(self) -> tuple[Path, ...]:
        return places(str(self._named["source"] or "").strip())

    def _place(self, name: str) -> Path:
        return as_user_means(Path(without_scheme(str(self._named[name] or "").strip())))

    def _places(self) -> "Places":
        from mnistm_da.domains.folders import Places
        from mnistm_da.domains.folders.places import EXAMPLE

        missing = [name for name in ("source", "target") if not str(self._named[name] or "").strip()]
        if missing:
            raise UserError(f"which pictures? Name the folder of the {' and of the '.join(missing)}: {EXAMPLE}")
        test = self._place("target_test") if self._named["target_test"] else None
        return Places(self._sources(), self._place("target"), test)

    def _survey(self) -> "Survey":
        return self._surveys.of(self._places(), self.params.test_share, self._classes_of_target)

    @property
    def format(self) -> Format:  # type: ignore[override]
        """The side that was asked for, and the classes of the source."""
        sources = titles(self._sources())
        return Format(
            side=self.params.side,
            channels=3,
            classes=self._survey().classes,
            fit=self.params.fit,
            sources=sources if len(sources) > 1 else None,
        )

    def check(self) -> None:
        self._survey()

    def sizes(self) -> Any:
        """Give the `Sizes` of the domain, if every picture can be read."""
        from mnistm_da.domains.sizes import Sizes

        there = self._survey()
        train, test = (there.parts[f"{self._domain}_{part}"] for part in ("train", "test"))
        if self._domain == "target":
            return Sizes(len(train), 0, len(test))
        of_sources = Counter(there.sources[path] for path in train)
        fewest = min(Counter(train.values()).values())
        return Sizes(len(train), fewest, len(test), train_of_sources=tuple(of_sources.values()))

    def has_labelled_test(self) -> bool:
        """Whether the target can be scored."""
        return self._survey().has_labelled_test

    def content(self) -> str:
        try:
            return text_hash(f"{self._survey().content} {self.params.model_dump_json()}")
        except UserError as error:  # it names the missing place; so does a load
            return text_hash(str(error))

    def read(self) -> dict[str, Any]:
        from mnistm_da.domains.folders import decode_all
        from mnistm_da.domains.folders.pair import check_readable, check_tested

        found: dict[str, Any] = {}
        there = self._survey()
        is_told = self._part != "labels"  # the images of the same pictures tell it
        for line in there.skipped[self._domain] if is_told else ():
            logger.warning("left out %s", line)
        for part in ("train", "test"):
            pictures = there.parts[f"{self._domain}_{part}"]
            found[f"{part}_labels"] = np.empty(0, dtype=np.int64)
            is_labelled = None not in pictures.values()
            if self._part == "labels" and not is_labelled:
                continue
            what = f"{self._domain} ({part})"
            images, is_read = decode_all(pictures, self.params.side, self.params.fit, what, is_told=is_told)
            if is_labelled:
                names = [name for name, is_there in zip(pictures.values(), is_read, strict=True) if is_there]
                found[f"{part}_labels"] = np.array([there.classes.index(str(name)) for name in names], dtype=np.int64)
            found[f"{part}_images"] = images
            if self.format.sources and self._domain == "source":
                numbers = [there.sources[path] for path in pictures]
                found[f"{part}_domains"] = np.array(numbers, dtype=np.int64)[is_read]
        if self._domain == "source":
            check_readable(found["train_labels"], found["test_labels"], there.classes)
        elif "test_images" in found:
            check_tested(len(found["test_images"]))
        return found
