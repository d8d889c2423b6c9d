"""A user's own folders as two domains: what is read, what is left out, and what is refused with one message."""

import csv
import logging
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from mnistm_da.domains.folders import places, reading
from mnistm_da.domains.pictures.fitting import fitted
from mnistm_da.errors import UserError
from own_folders import COLOURS, GOOD, domain, make_pair, picture, read_all


@pytest.fixture
def pair(tmp_path):
    return make_pair(tmp_path)


def test_folders_become_two_domains(pair):
    source, target, labels = read_all(pair)
    assert source["format"].classes == ("blue", "red")
    assert source["format"].shape == (3, 16, 16)
    assert [len(source[f"{part}_images"]) for part in ("train", "test")] == [16, 4]
    assert np.bincount(source["test_labels"]).tolist() == [2, 2], "as large a share of each class"
    centre = source["train_images"][:, :, 8, 8]
    assert {tuple(row) for row in centre[source["train_labels"] == 1].tolist()} == {COLOURS["red"]}
    assert [len(target[f"{part}_images"]) for part in ("train", "test")] == [10, 2]
    assert [len(labels[f"{part}_labels"]) for part in ("train", "test")] == [0, 0]
    assert not any("images" in name for name in labels)


def test_the_order_and_the_content_are_the_same_every_time_and_names_do_not_decide_what_is_tested(pair):
    first, content = domain(pair).read(), domain(pair).content()
    again = domain(pair).read()
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert domain(pair).content() == content
    (pair / "source/red/0.png").rename(pair / "source/red/renamed.png")
    renamed = domain(pair).read()
    assert {image.tobytes() for image in renamed["test_images"]} == {image.tobytes() for image in first["test_images"]}
    picture(pair / "source/red/new.png", (1, 2, 3))
    assert domain(pair).content() != content
    assert domain(pair, pictures=GOOD | {"side": 20}).content() != content


def test_pictures_of_the_target_with_labels_are_tested_on_and_no_others(pair):
    for number in range(4):
        picture(pair / f"checked/{'red' if number % 2 else 'blue'}/{number}.png", (60, 60, 60), mark=number)
    _, target, labels = read_all(pair, target_test=str(pair / "checked"))
    assert len(target["train_images"]) == 12
    assert labels["test_labels"].tolist() == [0, 0, 1, 1]
    assert len(labels["train_labels"]) == 0
    assert domain(pair, "target", target_test=str(pair / "checked")).has_labelled_test()


def table(path, rows, delimiter=",", encoding="utf-8"):
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def rows(pair):
    return [(f"source/{name}/{number}.png", name) for name in COLOURS for number in range(10)]


@pytest.mark.parametrize(("delimiter", "encoding"), [(",", "utf-8"), (";", "utf-8-sig"), ("\t", "utf-8")])
def test_a_table_of_file_and_label_is_a_source_too(pair, delimiter, encoding):
    of_folders = domain(pair).read()
    labels = table(pair / "labels.csv", [("label", "File"), *((b, a) for a, b in rows(pair))], delimiter, encoding)
    of_table = domain(pair, source=str(labels)).read()
    assert all(np.array_equal(of_table[name], of_folders[name]) for name in of_folders)


def test_names_of_classes_may_have_spaces_and_numbers_are_in_their_order(pair):
    for name in ("10 apples", "9 pears", "ångström"):
        for number in range(5):
            picture(pair / f"source/{name}/{number}.png", (len(name), 0, 0), mark=number)
    assert domain(pair).format.classes == ("9 pears", "10 apples", "blue", "red", "ångström")


@pytest.mark.parametrize("fit", ["pad", "crop", "stretch"])
@pytest.mark.parametrize("size", [(1, 1), (40, 10), (10, 40), (33, 33), (2, 300)])
def test_a_picture_of_any_size_becomes_a_square(fit, size):
    assert fitted(np.full((*size, 3), 77, np.uint8), 16, fit).shape == (3, 16, 16)


def test_pad_keeps_all_crop_the_centre_and_stretch_the_edges():
    rgb = np.zeros((10, 40, 3), np.uint8)
    rgb[:, :10], rgb[:, 30:] = (255, 0, 0), (0, 255, 0)
    padded, cropped, stretched = (fitted(rgb, 40, fit) for fit in ("pad", "crop", "stretch"))
    assert padded[:, 20, 2].tolist() == [255, 0, 0]
    assert padded[:, 2, 20].tolist() == [0, 0, 0], "the border's median"
    assert cropped.max() == 0
    assert stretched[:, 2, 2].tolist() == [255, 0, 0]
    assert stretched[:, 38, 38].tolist() == [0, 255, 0]


def test_a_photo_lies_as_its_exif_says(tmp_path):
    upright = Image.new("RGB", (16, 16), (0, 0, 0))
    upright.paste((255, 255, 255), (0, 0, 16, 4))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90° clockwise
    upright.rotate(90, expand=True).save(tmp_path / "turned.png", exif=exif)
    upright.save(tmp_path / "upright.png")
    images, _ = reading.read_pictures([tmp_path / "turned.png", tmp_path / "upright.png"], 16, "pad", "x")
    np.testing.assert_array_equal(images[0], images[1])


def bomb(path):
    """A small file of 900 megapixels."""
    rows = zlib.compress(bytes(3751) * 300)
    head = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    chunks = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)


def text_bomb(path):
    """A small picture with a hundred megabytes of compressed text."""
    info = PngImagePlugin.PngInfo()
    info.add_text("comment", "a" * 100_000_000, zip=True)
    Image.new("RGB", (20, 20)).save(path, pnginfo=info)


def truncated(path):
    Image.effect_noise((200, 200), 90).convert("RGB").save(path, "JPEG")
    path.write_bytes(path.read_bytes()[:800])


def locked(path, monkeypatch):
    picture(path)
    opened = Path.open

    def refuse(self, *args, **more):
        if self.name == path.name:
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, *args, **more)

    monkeypatch.setattr(Path, "open", refuse)


def film(path):
    with path.open("wb") as file:
        file.truncate(600 * 2**20)


LEFT_OUT = {
    "a text file": (lambda path: path.with_suffix(".txt").write_text("x"), "bad.txt: not named like a picture"),
    "a text named like a picture": (lambda path: path.write_text("x"), "its content is no picture of a known format"),
    "an empty file": (lambda path: path.write_bytes(b""), "the file is empty"),
    "900 megapixels in a kilobyte": (bomb, "it has more than 100 megapixels"),
    "text that unpacks to 100 MB": (text_bomb, "bad.png: Decompressed data too large"),
    "a truncated photo": (truncated, "truncated"),
    "a HEIC photo": (lambda path: path.with_suffix(".heic").write_bytes(b"x"), "HEIC is not read"),
    "a raw photo": (lambda path: path.with_suffix(".nef").write_bytes(b"x"), "raw camera files are not read"),
    "a film": (film, "it is larger than 512 MB"),
    "a link to nothing": (lambda path: path.symlink_to("nowhere"), "a link that leads nowhere"),
    "a link to itself": (lambda path: path.symlink_to(path), "bad.png: "),
    "a folder that leads back": (lambda path: path.with_suffix("").symlink_to(path.parents[1]), "is read already"),
    "a pipe": (os.mkfifo, "no file, but a pipe or a device"),
    "a folder named like a picture": (lambda path: picture(path / "inner.png", (0, 9, 0)), None),
    "a file that may not be read": (locked, "Permission denied"),
    "a copy": (lambda path: path.write_bytes((path.parent / "0.png").read_bytes()), "the same picture as 0.png"),
    "a picture in no folder of a class": (
        lambda path: picture(path.parents[1] / "loose.png"),
        "in no folder of a class",
    ),
    "what a system puts there": (lambda path: (path.parent / ".DS_Store").write_bytes(b"x"), None),
    "a hidden folder": (lambda path: picture(path.parents[1] / ".thumbs/a.png"), None),
    "a folder of a Mac's archive": (lambda path: picture(path.parents[1] / "__MACOSX/a.png"), None),
    "a name that is not UTF-8": (
        lambda path: picture(Path(os.fsdecode(os.fsencode(path.parent) + b"/\xe9.png"))),
        None,
    ),
    "a name with a line break": (lambda path: picture(path.with_name("a\nb.png")), None),
    "60 megapixels": (lambda path: Image.new("1", (10_000, 6_000)).save(path), None),
    "one pixel": (lambda path: picture(path, size=(1, 1)), None),
    "a transparent picture": (lambda path: Image.new("RGBA", (9, 9)).save(path), None),
    "16 bits": (lambda path: Image.fromarray(np.arange(400, dtype=np.uint16).reshape(20, 20)).save(path), None),
    "CMYK": (lambda path: Image.new("CMYK", (9, 9)).save(path, "JPEG"), None),
}
"""What lies beside pictures of a class: how it is made, and what the log says where it is left out."""


@pytest.mark.parametrize("kind", LEFT_OUT)
def test_what_is_no_picture_is_left_out_and_listed_and_never_stops_a_run(kind, pair, monkeypatch, caplog):
    make, message = LEFT_OUT[kind]
    make(*[pair / "source/red/bad.png", monkeypatch][: make.__code__.co_argcount if make is not os.mkfifo else 1])
    with caplog.at_level(logging.WARNING, "mnistm_da"):
        source, target, _ = read_all(pair)
    told = [record.getMessage() for record in caplog.records if "left out" in record.getMessage()]
    count = len(source["train_labels"]) + len(source["test_labels"])
    if message:
        assert count == 20
        assert any(message in line for line in told), told
        assert all(len(line) < 400 and "\n" not in line for line in told)
    else:
        assert not told
        assert count == 20 + (
            kind not in ("what a system puts there", "a hidden folder", "a folder of a Mac's archive")
        )
    assert len(target["train_images"]) + len(target["test_images"]) == 12


@pytest.mark.parametrize("place", ["source/red", "target", "checked/red"])
@pytest.mark.parametrize("kind", ["a text file", "a copy", "a text named like a picture"])
def test_what_is_left_out_is_told_once_by_the_domain_that_it_lies_in(kind, place, pair, caplog):
    more = checked(pair)
    first = min((pair / place).glob("*.png"))
    first.rename(first.with_name("0.png"))
    LEFT_OUT[kind][0](pair / place / "bad.png")
    told = {}
    for which, part in (("source", "all"), ("target", "images"), ("target", "labels")):
        caplog.clear()
        domain(pair, which, part, **more).read()
        told[which, part] = [record.getMessage() for record in caplog.records if "left out" in record.getMessage()]
    told_by = ("source", "all") if place == "source/red" else ("target", "images")
    assert {by: len(lines) for by, lines in told.items()} == dict.fromkeys(told, 0) | {told_by: 1}
    assert "bad" in told[told_by][0]


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


def broken(folder):
    def make(pair):
        for number, path in enumerate(sorted((pair / folder).rglob("*.png"))):
            path.write_text(f"broken {number}")

    return make


def checked(pair, *, like=None, classes=("red", "blue")):
    for number, name in enumerate(classes * 2):
        picture(pair / f"checked/{name}/{number}.png", (60, 60, 60), mark=number)
    if like:
        (pair / "checked/red/copy.png").write_bytes((pair / like).read_bytes())
    return {"target_test": str(pair / "checked")}


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
        "1 pictures of target are in source too, such as '.*copy.png' and '.*3.png'",
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
        r"names 2 files that are not there \(a.png, b.png\): paths in it are relative to its own folder",
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
        "1 pictures of target_test are in target too",
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


def test_pictures_are_read_in_their_order_by_many_threads_into_one_array(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "CHUNK", 3)
    monkeypatch.setattr(reading, "usable", lambda: 4)
    paths = [picture(tmp_path / f"{number}.png", (number, 0, 0), size=(8, 8)) for number in range(50)]
    paths[7].write_text("broken")
    images, is_read = reading.read_pictures(paths, 12, "stretch", "x")
    assert images[:, 0, 6, 6].tolist() == [number for number in range(50) if number != 7]
    assert is_read.tolist() == [number != 7 for number in range(50)]
    assert images.base.shape == (50, 3, 12, 12), "moved together in place"
