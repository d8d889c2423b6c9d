"""A user's own folders: several sources at once, and a target with fewer classes."""

import numpy as np
import pytest

from mnistm_da.errors import UserError
from own_folders import COLOURS, domain, make_pair, picture, read_all


@pytest.fixture
def two(tmp_path):
    """A second source beside the first: seven pictures of each of the same classes."""
    for name, (red, green, blue) in COLOURS.items():
        for number in range(7):
            picture(tmp_path / f"drawn/{name}/{number}.png", (red // 2, green, blue // 2), mark=number)
    return make_pair(tmp_path)


def both(two):
    return f"{two}/source+{two}/drawn"


def test_two_folders_are_one_source_whose_pictures_know_theirs(two):
    source, *_ = read_all(two, source=both(two))
    assert source["format"].sources == ("source", "drawn")
    assert source["format"].classes == ("blue", "red")
    assert np.bincount(source["train_domains"]).tolist() == [16, 12]
    assert np.bincount(source["test_domains"]).tolist() == [4, 2], "as large a share of each source"
    centre = source["train_images"][:, :, 8, 8]
    red = centre[source["train_labels"] == 1], source["train_domains"][source["train_labels"] == 1]
    assert {(int(of), *map(int, rgb)) for rgb, of in zip(*red, strict=True)} == {(0, 200, 40, 20), (1, 100, 40, 10)}
    other_order = domain(two, source=f"{two}/drawn+{two}/source")
    assert other_order.content() != domain(two, source=both(two)).content() != domain(two).content()


def test_a_picture_that_cannot_be_read_takes_its_number_with_it(two):
    (two / "source/red/0.png").write_bytes(b"no picture")
    source, *_ = read_all(two, source=both(two))
    for part in ("train", "test"):
        assert len(source[f"{part}_domains"]) == len(source[f"{part}_labels"]) == len(source[f"{part}_images"])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{0}/source+{0}/source", "source names '.*source' twice"),
        ("{0}/source+{0}/target", "source and target are the same folder"),
        ("{0}/source+{0}/source/red", "lies inside source"),
        ("{0}/source+{0}/nowhere", "source '.*nowhere' does not exist"),
        ("{0}/source,{0}/drawn", "does not exist: .*; several sources have a \\+ between them"),
        ("{0}/source+", "source names no folder"),
        ("{0}/source+{0}/more", "source '.*more' has the class 'green', which source '.*source' has not"),
    ],
)
def test_sources_that_cannot_be_are_one_message(source, message, two):
    for name in ("green", "red", "blue"):
        for number in range(6):
            picture(two / f"more/{name}/{number}.png", (3, 3, len(name)), mark=number)
    with pytest.raises(UserError, match=message):
        domain(two, source=source.format(two)).check()


@pytest.fixture
def three(tmp_path):
    """Three classes in the source, and a target in folders of the same names."""
    for number, name in enumerate(("blue", "red", "sea green")):
        for mark in range(6):
            picture(tmp_path / f"source/{name}/{mark}.png", (20, 60 * number, 40), mark=mark)
            picture(tmp_path / f"target/{name}/deep/{mark}.png", (70, 60 * number, 90), mark=mark)
            picture(tmp_path / f"checked/{name}/{mark}.png", (90, 60 * number, 10), mark=mark)
    return tmp_path


def test_pictures_of_the_target_are_kept_by_the_folders_of_their_classes(three):
    told = {"target_classes": "blue+sea green", "target_test": str(three / "checked")}
    source, target, labels = read_all(three, **told)
    assert np.unique(source["train_labels"]).tolist() == [0, 1, 2]
    assert len(target["train_images"]) == 12
    assert not (target["train_images"][:, 1, 8, 8] == 60).any(), "no red one"
    assert np.unique(labels["test_labels"]).tolist() == [0, 2]
    assert domain(three, **told).content() != domain(three, target_test=told["target_test"]).content()


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ("blue rde", "there is no class 'rde'. Did you mean 'red'"),
        ("blue", "names one class, blue"),
        ("blue+red+sea green", "names all 3 classes"),
    ],
)
def test_classes_that_cannot_be_kept_are_one_message(named, message, three):
    with pytest.raises(UserError, match=message):
        domain(three, "target", target_classes=named).check()


def test_where_nothing_says_what_a_picture_shows_none_is_dropped(three):
    picture(three / "target/loose.png", (1, 2, 3))
    with pytest.raises(UserError, match=r"'.*loose\.png' is in none that is named like a class of the source"):
        domain(three, "target", target_classes="blue red").check()


def test_a_class_that_is_kept_needs_pictures_in_the_target(three):
    for path in (three / "target/blue/deep").iterdir():
        path.unlink()
    with pytest.raises(UserError, match=r"keeps the class 'blue', but no picture in '.*target' is in a folder of"):
        domain(three, "target", target_classes="blue red").check()


def test_test_pictures_of_other_classes_alone_are_no_test(three):
    for name in ("blue", "red"):
        for path in (three / "checked" / name).iterdir():
            path.unlink()
    named = {"target_classes": "blue red", "target_test": str(three / "checked")}
    with pytest.raises(UserError, match="target_test has no picture of the classes that target_classes keeps, blue"):
        domain(three, "target", **named).check()
