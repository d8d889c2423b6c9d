"""A user's own folders that are no pair of domains: each mistake is one message."""

import os
from pathlib import Path

import pytest

from mnistm_da.domains.folders import places
from mnistm_da.errors import UserError
from own_folders import COLOURS, GOOD, checked, domain, picture, read_all


def many_classes(pair):
    original = pair / "source/red/0.png"
    for number in range(10_000):
        (pair / f"source/{number}").mkdir()
        os.link(original, pair / f"source/{number}/a.png")


def of_table(*lines):
    """Make a source of a table with these lines."""

    def make(pair):
        (pair / "labels.csv").write_bytes("\n".join(lines).encode("latin-1"))
        return {"source": str(pair / "labels.csv")}

    return make


def moved(source, to):
    def make(pair):
        (pair / to).parent.mkdir(parents=True, exist_ok=True)
        (pair / source).rename(pair / to)
        return {Path(source).parts[0]: str(pair / to)}

    return make


def emptied(folder):
    def make(pair):
        for path in sorted((pair / folder).rglob("*.png")):
            path.rename(path.with_suffix(".txt"))

    return make


def extended(pair, count):
    """Let each class of the source have as many pictures."""
    for name, colour in COLOURS.items():
        for number in range(count):
            picture(pair / f"source/{name}/{number}.png", colour, mark=number)
    return {}


def broken(folder):
    def make(pair):
        for number, path in enumerate(sorted((pair / folder).rglob("*.png"))):
            path.write_text(f"broken {number}")

    return make


def one_that_is_checked(pair):
    named = checked(pair)
    for number, path in enumerate(sorted((pair / "checked").rglob("*.png"))[1:]):
        path.write_text(f"broken {number}")
    return named


MISTAKES = {
    "no source": (lambda pair: {"source": None}, r"which pictures\? Name the folder of the source: --params=source="),
    "no domain at all": (lambda pair: {"source": "", "target": " "}, "the folder of the source and of the target"),
    "a source that is not there": (lambda pair: {"source": "nowhere"}, "source 'nowhere' does not exist"),
    "a link to nothing": (
        lambda pair: (pair / "link").symlink_to("gone") or {"target": str(pair / "link")},
        "is a link that leads nowhere",
    ),
    "a picture as source": (
        lambda pair: {"source": str(pair / "target/0.png")},
        "0.png' is neither a folder nor a .csv",
    ),
    "a picture as target": (
        lambda pair: {"target": str(pair / "target/0.png")},
        "is a file: name a folder of pictures",
    ),
    "an empty source": (
        lambda pair: (pair / "e").mkdir() or {"source": str(pair / "e")},
        "source: there is no picture",
    ),
    "an empty target": (
        lambda pair: (pair / "e").mkdir() or {"target": str(pair / "e")},
        "target: there is no picture",
    ),
    "a source of text files": (emptied("source"), r"there is no picture in .*left out 20 files \(20 .txt\)"),
    "a target of text files": (emptied("target"), "target: there is no picture in .*left out 12 files"),
    "no folders of classes": (
        lambda pair: (
            [path.rename(pair / f"source/{path.parent.name}{path.name}") for path in pair.glob("source/*/*")] and None
        ),
        "has pictures, but no folder for each class",
    ),
    "one class": (lambda pair: (pair / "source/red").rename(pair / "away") and None, "source has one class, 'blue'"),
    "a class with one picture": (
        lambda pair: picture(pair / "source/green/a.png", (0, 99, 0)) and None,
        r"too few pictures of some classes \('green' 1\), and at least 5 are needed",
    ),
    "a class without pictures": (lambda pair: (pair / "source/green").mkdir(), r"some classes \('green' 0\)"),
    "10,000 classes": (many_classes, r"has 10,002 classes \(0, 1, 2, …\), and at most 100 are possible"),
    "a target with too few": (
        lambda pair: [path.unlink() for path in list(pair.glob("target/*.png"))] and None,
        "target has 6 pictures, and at least 10 are needed",
    ),
    "the same folder twice": (
        lambda pair: {"target": str(pair / "source/../source")},
        "(source and target|target and source) are the same folder",
    ),
    "a target inside the source": (moved("target", "source/unlabelled"), "target '.*' lies inside source '"),
    "a source inside the target": (moved("source", "target/labelled"), "source '.*' lies inside target '"),
    "a picture in both domains": (
        lambda pair: (pair / "target/copy.png").write_bytes((pair / "source/red/3.png").read_bytes()) and None,
        "target and source have one picture in common, such as '.*copy.png' and '.*3.png'",
    ),
    "a picture of two classes": (
        lambda pair: (pair / "source/blue/copy.png").write_bytes((pair / "source/red/3.png").read_bytes()) and None,
        "of the class 'red' is the same picture as '.*copy.png' of the class 'blue'",
    ),
    "a table without a header": (of_table("source/red/0.png,red"), "must name the columns, as in 'file,label', and is"),
    "an empty table": (of_table(""), "must name the columns"),
    "a table of nothing": (of_table("file,label"), "there is no picture in '.*labels.csv'"),
    "a table of missing files": (
        of_table("file,label", "a.png,red", "b.png,blue"),
        r"names files that are not there \(a.png, b.png; 2 in all\): paths in it are relative to its own folder",
    ),
    "a table with an empty label": (of_table("file,label", "source/red/0.png, "), "line 2 of '.*' has no label"),
    "a table with an empty file": (of_table("file,label", ",red"), "line 2 of '.*' has no file"),
    "a table of two labels": (
        of_table("file,label", "source/red/0.png,red", "source/red/0.png,blue"),
        "gives 'source/red/0.png' two labels, 'red' and 'blue'",
    ),
    "a table in another encoding": (of_table("file,label", "source/red/0.png,gr\xfcn"), r"is not UTF-8 \(byte"),
    "a table with an open quote": (of_table("file,label", '"source/red/0.png,red'), "cannot be read as CSV"),
    "labels of the test alone": (
        lambda pair: checked(pair, classes=("blu", "red")),
        "target_test has the classes 'blu', which source has not. Did you mean 'blue'",
    ),
    "a test picture of the training": (
        lambda pair: checked(pair, like="target/2.png"),
        "target_test and target have one picture in common",
    ),
    "a source of broken files": (broken("source"), r"no picture of source \(train\) can be read"),
    "a class of broken files": (
        broken("source/red"),
        r"too few pictures of some classes that can be read \('red' 0\)",
    ),
    "a target of broken files": (broken("target"), r"no picture of target \(train\) can be read"),
    "a side of nothing": (
        lambda pair: {"pictures": GOOD | {"side": 0}},
        "'pictures.side' must be greater than or equal",
    ),
    "an unknown fit": (lambda pair: {"pictures": GOOD | {"fit": "fill"}}, "'pictures.fit' must be 'pad', 'crop' or"),
    "hardly any picture for training": (
        lambda pair: {"pictures": GOOD | {"test_share": 0.99}},
        "pictures.test_share is 0.99, which leaves no picture of the class 'blue' to train on: lower it",
    ),
    "no picture of the target for training": (
        lambda pair: extended(pair, 40) | {"pictures": GOOD | {"test_share": 0.97}},
        "no picture of the target to train on",
    ),
    "one picture of the target for testing that can be read": (
        one_that_is_checked,
        "the target has one picture to test on, and at least 2 are needed: add pictures to target_test or, without it",
    ),
    "one picture of the target for testing": (
        lambda pair: {"pictures": GOOD | {"test_share": 0.01}},
        "the target has one picture to test on, and at least 2 are needed: add pictures to target_test or, without it",
    ),
    "a source whose name is too long": (lambda pair: {"source": "x" * 300}, r"source 'x+' cannot be opened \("),
    "a target whose name is too long": (lambda pair: {"target": "x" * 300}, r"target 'x+' cannot be opened \("),
    "a table of texts in place of files": (
        of_table("file,label", "x" * 5000 + ",red"),
        r"files that are not there \(x{80}…; 1 in all\)",
    ),
    "a table of texts in place of labels": (
        of_table("file,label", "source/red/0.png," + "x" * 5000),
        "line 2 of '.*' has a label of 5,000 characters, and at most 255 are possible",
    ),
    "a data set that is divided already": (
        lambda pair: (
            [(pair / f"source/{a}").rename(pair / f"source/{b}") for a, b in (("blue", "Test"), ("red", "train"))]
            and None
        ),
        "has the classes Test and train, which are parts of a data set by their names: name one of them, such as "
        "source=.*Test",
    ),
    "all for the test": (lambda pair: {"pictures": GOOD | {"test_share": 1.0}}, "'pictures.test_share' must be less"),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_is_one_message(kind, pair):
    make, message = MISTAKES[kind]
    changed = make(pair) or {}
    with pytest.raises(UserError, match=message) as told:
        read_all(pair, **changed)
    assert len(str(told.value)) < 800
    assert "\n" not in str(told.value)
    assert len(domain(pair, **changed).content()) == 64 if "pictures" not in changed else True


def test_a_folder_that_may_not_be_opened_is_told(pair, monkeypatch):
    scandir = os.scandir

    def refuse(path="."):
        if Path(os.fsdecode(path)).name == "target":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(UserError, match=r"target '.*' cannot be opened \(Permission denied\)"):
        read_all(pair)


def test_a_disk_is_no_folder_of_pictures(pair, monkeypatch):
    monkeypatch.setattr(places, "MOST_FILES", 15)
    with pytest.raises(UserError, match="has more than 15 files"):
        read_all(pair)
