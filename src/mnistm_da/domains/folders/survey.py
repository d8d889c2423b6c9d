"""What a user's two domains hold: listed and divided before a picture is decoded."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...errors import UserError
from ..partial import kept_classes
from ..pictures.find import shown, told
from .digests import digests_of
from .labels import Labelled, class_name, labelled
from .pair import Part, check_classes, check_counts, check_same_classes, check_share, pictures_in_words
from .places import Places, no_pictures, pictures_below


@dataclass(frozen=True)
class Survey:
    """The pictures that were found. A share of source and target is held out for testing.

    Attributes:
        classes: names of the classes.
        sources: by picture of the source, which of several sources it is of.
        parts: ``source_train``, ``source_test``, ``target_train`` and ``target_test``.
        has_labelled_test: whether the pictures of ``target_test`` have labels.
        skipped: of ``source`` and ``target``, a line for each file that is left out, or for many of a kind.
        content: hash of everything that is read.
    """

    classes: tuple[str, ...]
    sources: dict[Path, int]
    parts: dict[str, Part]
    has_labelled_test: bool
    skipped: dict[str, list[str]]
    content: str


def survey(places: Places, test_share: float, target_classes: Any = None) -> Survey:
    """List the pictures of both domains.

    Args:
        places: where they are.
        test_share: of the pictures of each class of the source, and of the target if it has no test pictures by itself,
            that are only tested on, 0–1.
        target_classes: which classes the target keeps, see `kept_classes`: of pictures without labels, the folders of
            their names.

    Raises:
        UserError: no training is possible with this pair; names cause and cure.
    """
    places.check()
    of_sources = [labelled("source", place) for place in places.sources]
    check_same_classes(of_sources, places.sources)
    source = _together(of_sources)
    kept = kept_classes(target_classes, source.classes)
    number = {path: at for at, one in enumerate(of_sources) for path in one.labels}
    target, left_out = pictures_below(places.target)
    if not target:
        raise no_pictures("target", places.target, left_out)
    test = labelled("target_test", places.target_test) if places.target_test else None
    check_classes(source, test)
    if kept:
        target = _of_classes(target, places.target, kept, source.classes)
        test = test and _test_of_classes(test, kept)
    all_digests = digests_of([*source.labels, *target, *(test.labels if test else ())])
    skipped = {"source": list(source.skipped), "target": [*left_out, *(test.skipped if test else ())]}
    domains: dict[str, Part] = {"source": dict(source.labels), "target": dict.fromkeys(target)}
    domains |= {"target_test": dict(test.labels)} if test else {}
    seen: dict[str, tuple[str, Path]] = {}
    for name, pictures in domains.items():
        skipped["source" if name == "source" else "target"] += _without_copies(name, pictures, all_digests, seen)
    check_counts(domains, source.classes, source.empty)
    parts = _parts(domains, number, all_digests, test_share)
    check_share(parts, source.classes, test_share)
    content = _content(parts, all_digests, number if len(of_sources) > 1 else {})
    return Survey(tuple(source.classes), number, parts, test is not None, skipped, content)


def _parts(
    domains: dict[str, Part], sources: dict[Path, int], digests: dict[Path, str], test_share: float
) -> dict[str, Part]:
    """Divide source and target into training and test; a target with test pictures by itself is trained on whole."""
    parts: dict[str, Part] = {}
    for name in ("source", "target"):
        chosen = _put_aside(domains[name], sources, digests, test_share)
        parts[f"{name}_train"] = {path: label for path, label in domains[name].items() if path not in chosen}
        parts[f"{name}_test"] = {path: label for path, label in domains[name].items() if path in chosen}
    if "target_test" in domains:
        parts |= {"target_train": domains["target"], "target_test": domains["target_test"]}
    return parts


def _content(parts: dict[str, Part], digests: dict[Path, str], sources: dict[Path, int]) -> str:
    """Give a hash of all that is read: parts, files, labels and, of several sources, the number of each picture's."""
    lines = [f"{part} {digests[path]} {label}" for part, of in parts.items() for path, label in of.items()]
    lines += [str(sources[path]) for of in parts.values() for path in of if path in sources]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _of_classes(pictures: list[Path], folder: Path, kept: Sequence[str], classes: Sequence[str]) -> list[Path]:
    """Keep pictures of some classes, by the names of their folders: nothing else says what they show."""
    of = {path: class_name(path.relative_to(folder).parts[0]) for path in pictures}
    strange = [path for path, name in of.items() if name not in classes or path.parent == folder]
    if strange:
        raise UserError(
            f"target_classes keeps pictures of the target by their folders, and '{shown(strange[0])}' is in none that "
            f"is named like a class of the source. Put the target's pictures into such folders in '{shown(folder)}', "
            "or leave target_classes out and name a folder without the other pictures"
        )
    if missing := [name for name in kept if name not in of.values()]:
        raise UserError(
            f"target_classes keeps the class '{missing[0]}', but no picture in '{shown(folder)}' is in a folder of "
            "that name: leave it out, or add pictures"
        )
    return [path for path, name in of.items() if name in kept]


def _test_of_classes(test: Labelled, kept: Sequence[str]) -> Labelled:
    labels = {path: name for path, name in test.labels.items() if name in kept}
    if not labels:
        raise UserError(
            f"target_test has no picture of the classes that target_classes keeps, {', '.join(kept)}: name other "
            "classes, or leave target_test out"
        )
    return replace(test, labels=labels)


def _together(sources: Sequence[Labelled]) -> Labelled:
    labels = {path: label for one in sources for path, label in one.labels.items()}
    skipped = [line for one in sources for line in one.skipped]
    return Labelled(labels, skipped, tuple(sorted({name for one in sources for name in one.empty})))


def _without_copies(
    name: str, pictures: Part, digests: dict[Path, str], seen: dict[str, tuple[str, Path]]
) -> list[str]:
    """Remove pictures that are copies of another one in the domain, and give a line for each.

    Raises:
        UserError: a picture has two labels, or is in two domains: then one would be tested on what it was trained on.
    """
    copies: dict[Path, str] = {}
    common: list[tuple[Path, str, Path]] = []
    for path, label in list(pictures.items()):
        domain, first = seen.setdefault(digests[path], (name, path))
        if domain != name:
            common.append((path, domain, first))
        elif first != path:
            if pictures.get(first) != label:
                raise UserError(
                    f"{name}: '{shown(path)}' of the class '{label}' is the same picture as '{shown(first)}' of the "
                    f"class '{pictures[first]}': keep one of them"
                )
            copies[path] = f"the same picture as {shown(first.name)}"
            del pictures[path]
    if common:
        path, domain, first = common[0]
        raise UserError(
            f"{name} and {domain} have {pictures_in_words(len(common))} in common, such as '{shown(path)}' and "
            f"'{shown(first)}': each may be in one of them only"
        )
    many = dict.fromkeys(copies, "the same picture as another") if len(copies) > 3 else copies
    return told(many)


def _put_aside(pictures: Part, sources: dict[Path, int], digests: dict[Path, str], share: float) -> set[Path]:
    """Choose pictures for testing, of each class and source as large a share: those with the lowest hashes.

    So the choice does not depend on names, and changes little when pictures are added.
    """
    of_class: dict[tuple[str | None, int | None], list[Path]] = {}
    for path, label in pictures.items():
        of_class.setdefault((label, sources.get(path)), []).append(path)
    return {
        path
        for paths in of_class.values()
        for path in sorted(paths, key=lambda path: digests[path])[: max(1, round(share * len(paths)))]
    }
