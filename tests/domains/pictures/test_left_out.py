"""Pictures that cannot be read are left out by name; the others are read."""

import io
import os
import struct
from pathlib import Path

import pytest
from PIL import Image

from mnistm_da.domains.pictures import PicturesError, find_pictures, read_pictures
from mnistm_da.domains.pictures import decode as decoding

from .photos import PAGE, saved


def test_a_picture_with_too_many_pixels_is_left_out_with_the_limit(tmp_path, monkeypatch, caplog):
    saved(tmp_path, "small.png")
    Image.new("1", (20_000, 10_000)).save(tmp_path / "bomb.png")
    Image.new("1", (11_000, 10_000)).save(tmp_path / "large.png")
    read = read_pictures(tmp_path)
    assert read.names == ["small.png"]
    assert read.left_out[0] == "bomb.png: it cannot be read (it has more than 100 megapixels; make it smaller)"
    assert "110 megapixels, and at most 100 are read" in read.left_out[1]
    monkeypatch.setattr(decoding, "MAX_PIXELS", 100)
    with pytest.raises(PicturesError, match="megapixels"):
        read_pictures(tmp_path / "small.png")


def with_exif(block: bytes) -> bytes:
    out = io.BytesIO()
    Image.fromarray(PAGE).save(out, "JPEG", exif=block)
    return out.getvalue()


def broken(folder: Path) -> set[str]:
    """Put what fails to be read into a folder, beside whatever is there."""
    png, jpeg, out = saved(folder, "whole.png").read_bytes(), with_exif(b""), io.BytesIO()
    (folder / "exif.jpg").write_bytes(with_exif(b"Exif\0\0II*\0"))
    Image.fromarray(PAGE).save(out, "PNG", exif=b"Exif\0\0II*\0")
    (folder / "exif.png").write_bytes(out.getvalue())
    (folder / "cut.png").write_bytes(png[: len(png) // 2])
    (folder / "cut.jpg").write_bytes(jpeg[: len(jpeg) // 2])
    (folder / "zero.png").write_bytes(b"")
    (folder / "text.png").write_text("no picture")
    (folder / "heic.jpg").write_bytes(struct.pack(">I", 24) + b"ftypheic" + bytes(12))
    locked = saved(folder, "locked.png")
    locked.chmod(0)
    return {"exif.jpg", "exif.png", "cut.png", "cut.jpg", "zero.png", "text.png", "heic.jpg"} | (
        set() if os.access(locked, os.R_OK) else {"locked.png"}
    )


def test_a_file_that_fails_is_left_out_by_name_and_the_others_are_read(tmp_path, caplog):
    fail = broken(tmp_path)
    read = read_pictures(tmp_path)
    assert {line.partition(":")[0] for line in read.left_out} == fail
    assert "whole.png" in read.names
    reasons = dict(line.split(": ", 1) for line in read.left_out)
    assert "empty" in reasons["zero.png"]
    assert "EXIF" in reasons["exif.png"] and "EXIF" in reasons["exif.jpg"]
    assert "HEIC" in reasons["heic.jpg"]
    assert "truncated" in reasons["cut.jpg"]
    for name in fail:
        assert f"left out {name}" in caplog.text


def test_any_exception_of_a_decoder_leaves_that_file_out(tmp_path, monkeypatch):
    saved(tmp_path, "a.png")
    saved(tmp_path, "b.png")
    of_others = decoding._reduced
    calls = []

    def stumble(picture):
        calls.append(picture)
        if len(calls) == 1:
            raise RecursionError
        return of_others(picture)

    monkeypatch.setattr(decoding, "_reduced", stumble)
    read = read_pictures(tmp_path)
    assert read.names == ["b.png"]
    assert read.left_out == ["a.png: it cannot be read (RecursionError)"]


def test_what_is_no_file_is_named_with_the_reason_and_never_opened(tmp_path, caplog):
    saved(tmp_path, "a.png")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "sub").mkdir()
    os.mkfifo(tmp_path / "pipe.png")  # to open it would wait forever
    (tmp_path / "nowhere.png").symlink_to(tmp_path / "gone.png")
    (tmp_path / "circle.png").symlink_to(tmp_path / "circle.png")
    (tmp_path / "linked.png").symlink_to(tmp_path / "a.png")
    (tmp_path / "IMG_1.HEIC").write_bytes(b"")
    (tmp_path / "film.mp4").write_bytes(b"")
    (tmp_path / ".DS_Store").write_bytes(b"")
    with (tmp_path / "film.png").open("wb") as film:
        film.truncate(2**30)
    assert read_pictures(tmp_path).names == ["a.png", "linked.png"]
    for said in (
        "folder.png: a folder",
        "sub: a folder",
        "pipe.png: no file, but a pipe",
        "nowhere.png: a link that leads nowhere",
        "circle.png: a link that leads nowhere",
        "IMG_1.HEIC: HEIC is not read; save it as JPEG or PNG",
        "film.mp4: not named like a picture",
        "film.png: it is larger than 512 MB",
    ):
        assert f"left out {said}" in caplog.text
    assert "DS_Store" not in caplog.text


def test_many_files_of_a_kind_are_told_in_one_line(tmp_path):
    saved(tmp_path, "a.png")
    for number in range(30):
        (tmp_path / f"{number}.txt").write_text("")
    assert find_pictures(tmp_path).skipped == ["30 files (30 .txt): not named like a picture"]


def test_where_there_is_nothing_to_read_the_message_says_why(tmp_path):
    (tmp_path / "sub").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "lost.png").symlink_to(tmp_path / "gone.png")
    for place, message in (
        (tmp_path / "nowhere", "there is no folder or file '.*nowhere'"),
        (tmp_path, "there is no picture in '.*left out .*pipe"),
        (tmp_path / "lost.png", "the link '.*lost.png' leads nowhere"),
        (tmp_path / "pipe.png", "no file, but a pipe"),
    ):
        with pytest.raises(PicturesError, match=message):
            read_pictures(place)
    (tmp_path / "broken.png").write_bytes(b"")
    with pytest.raises(PicturesError, match=r"can be read: broken\.png: .*empty"):
        read_pictures(tmp_path)


def test_names_that_are_no_text_are_shown_escaped(tmp_path):
    for name in (b"caf\xe9.png", "été.png".encode(), b"new\nline.png", b"\x1b[31m.png"):
        saved(tmp_path, "a.png").rename(tmp_path / os.fsdecode(name))
    read = read_pictures(tmp_path)
    assert sorted(read.names) == sorted([r"caf\xe9.png", "été.png", r"new\nline.png", r"\x1b[31m.png"])
    assert all(name.encode() for name in read.names)


FUZZED = {"PNG": {}, "JPEG": {}, "GIF": {}, "TIFF": {"compression": "tiff_lzw"}, "WEBP": {}, "BMP": {}, "AVIF": {}}


@pytest.mark.parametrize("name", FUZZED)
def test_a_damaged_file_is_read_or_left_out(tmp_path, name):
    """`python tests/domains/pictures/fuzz.py 20000` is the long form."""
    from .fuzz import fuzz

    assert sum(fuzz(tmp_path, name, FUZZED[name], 60, seed=0).values()) == 60
