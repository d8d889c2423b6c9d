"""What lies among a user's own pictures and is none: it is left out, listed once, and never stops a run."""

import logging
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from own_folders import checked, domain, picture, read_all


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
