"""Files of every format and state: read as they look, or left out by name, and never the end of the others."""

import logging

import numpy as np
import pytest
from PIL import Image

from mnistm_da.domains.pictures import read_pictures
from mnistm_da.domains.pictures.decode import decode

from .photos import PAGE, photo, saved


@pytest.mark.parametrize(
    ("name", "mode", "options"),
    [
        ("a.png", "RGB", {}),
        ("a.jpg", "RGB", {"quality": 95}),
        ("a.JFIF", "RGB", {"format": "JPEG", "quality": 95}),
        ("a.jpeg", "CMYK", {"quality": 95}),
        ("a.jpg", "L", {}),
        ("a.webp", "RGB", {"quality": 95}),
        ("a.avif", "RGB", {"quality": 95}),
        ("a.bmp", "RGB", {}),
        ("a.tif", "RGB", {"compression": "tiff_lzw"}),
        ("a.tiff", "CMYK", {}),
        ("a.gif", "P", {}),
        ("a.png", "P", {}),
        ("a.png", "LA", {}),
        ("a.png", "RGBA", {}),
        ("a.pgm", "L", {}),
        ("a.jp2", "RGB", {}),
    ],
)
def test_a_format_that_pillow_reads_looks_as_it_did(tmp_path, name, mode, options):
    picture = Image.fromarray(PAGE)
    (picture.quantize() if mode == "P" else picture.convert(mode)).save(tmp_path / name, **options)
    rgb, remarks = decode(tmp_path / name)
    assert remarks == []
    grey = Image.fromarray(PAGE).convert("L")
    assert np.abs(np.asarray(Image.fromarray(rgb).convert("L")).astype(int) - np.asarray(grey)).mean() < 4


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif"])
def test_a_picture_is_turned_as_its_exif_says(tmp_path, name, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Pillow's transposition that is undone by showing
    stored = Image.fromarray(PAGE)
    if orientation > 1:
        stored = stored.transpose(Image.Transpose(back[orientation]))
    stored.save(tmp_path / name, exif=exif, quality=95)
    rgb, _ = decode(tmp_path / name)
    assert rgb.shape == PAGE.shape
    assert np.abs(rgb.astype(int) - PAGE).mean() < 6


def test_what_is_transparent_is_white_and_black_under_white_strokes(tmp_path):
    drawing = np.zeros((60, 60, 4), dtype=np.uint8)
    drawing[20:40, 25:35, 3] = 255  # a black stroke; the rest is transparent black
    Image.fromarray(drawing).save(tmp_path / "ink.png")
    Image.fromarray(drawing).quantize().save(tmp_path / "palette.png")
    drawing[..., :3] = 255
    Image.fromarray(drawing).save(tmp_path / "chalk.png")
    for name, page, stroke in (("ink.png", 255, 0), ("palette.png", 255, 0), ("chalk.png", 0, 255)):
        rgb, _ = decode(tmp_path / name)
        assert (rgb[0, 0] == page).all(), name
        assert (rgb[30, 30] == stroke).all(), name


DEEP = {
    "16 bits": (np.uint16, 65535, 0),
    "16 bits that end at 4095": (np.uint16, 4095, 0),
    "16 bits that end at 255": (np.uint16, 255, 0),
    "16 bits that end at 9": (np.uint16, 9, 0),
    "32 bits": (np.int32, 2**31 - 1, 0),
    "32 bits that end at 255": (np.int32, 255, 0),
    "32 bits below zero": (np.int32, 1000, -1000),
    "float to 1": (np.float32, 1.0, 0),
    "float to 255": (np.float32, 255.0, 0),
    "float to 0.001": (np.float32, 0.001, 0),
    "float below zero": (np.float32, 3.0, -3.0),
}


@pytest.mark.parametrize(("dtype", "high", "low"), DEEP.values(), ids=DEEP)
def test_values_of_more_than_eight_bits_are_scaled_by_what_they_are_and_that_is_said(
    tmp_path, caplog, dtype, high, low
):
    caplog.set_level(logging.INFO)
    share = np.linspace(0, 1, 30, dtype=np.float64)
    values = (low + (float(high) - low) * np.tile(share, (30, 1))).astype(dtype)
    Image.fromarray(values).save(tmp_path / "scan.tif")
    read_pictures(tmp_path, "none")
    assert "scan.tif: its values" in caplog.text
    rgb, _ = decode(tmp_path / "scan.tif")
    np.testing.assert_allclose(rgb[3, :, 0], 255 * share, atol=30 if high == 9 else 2)


def test_of_sixteen_bits_the_middle_stays_the_middle(tmp_path):
    Image.fromarray(np.full((30, 30), 0x8000, dtype=np.uint16)).save(tmp_path / "scan.png")
    assert (decode(tmp_path / "scan.png")[0] == 0x80).all()


def test_numbers_that_are_none_do_not_spoil_the_others(tmp_path):
    values = np.tile(np.linspace(0, 1, 30, dtype=np.float32), (30, 1))
    values[0, 0], values[0, 1] = np.nan, np.inf
    Image.fromarray(values).save(tmp_path / "a.tif")
    np.testing.assert_allclose(decode(tmp_path / "a.tif")[0][3, :, 0], np.linspace(0, 255, 30), atol=1)
    Image.fromarray(np.full((9, 9), np.nan, dtype=np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(ValueError, match="finite"):
        decode(tmp_path / "a.tif")


@pytest.mark.parametrize("name", ["a.gif", "a.tif", "a.webp", "a.png"])
def test_of_several_frames_the_first_is_read_and_that_is_said(tmp_path, name):
    first, others = Image.fromarray(PAGE), [Image.new("RGB", (160, 120), colour) for colour in ("red", "blue")]
    first.save(tmp_path / name, save_all=True, append_images=others)
    rgb, [remark] = decode(tmp_path / name)
    assert "first of its 3 frames" in remark
    assert np.abs(rgb.astype(int) - PAGE).mean() < 8


@pytest.mark.parametrize(("name", "mode"), [("a.png", "RGB"), ("a.jpg", "RGB"), ("a.tif", "I;16"), ("a.png", "RGBA")])
def test_a_large_picture_is_reduced_as_it_looks(tmp_path, name, mode):
    large = PAGE.repeat(25, 0).repeat(25, 1)
    picture = Image.fromarray(large)
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 257)
    else:
        picture = picture.convert(mode)
    picture.save(tmp_path / name)
    rgb, _ = decode(tmp_path / name)
    assert max(rgb.shape) == 640
    small = np.asarray(Image.fromarray(rgb).resize((160, 120)).convert("L")).astype(int)
    assert np.abs(small - np.asarray(Image.fromarray(PAGE).convert("L"))).mean() < 4


def test_one_file_can_be_named_whatever_its_suffix(tmp_path):
    assert read_pictures(saved(tmp_path, "a.png")).names == ["a.png"]
    Image.fromarray(PAGE).save(tmp_path / "scan", "PNG")
    assert read_pictures(tmp_path / "scan").names == ["scan"]


def test_a_blank_page_is_read_and_nothing_is_found_on_it(tmp_path):
    saved(tmp_path, "a.png")
    saved(tmp_path, "b.png", photo((120, 160)))
    read = read_pictures(tmp_path)
    assert list(read.found) == [True, False]
    assert read.images.shape == (2, 3, 28, 28)
    assert read.originals.shape == (2, 3, 112, 112)
    left, top, right, bottom = read.boxes[0]
    assert (left, top) < (right, bottom)
    cut_out = read.originals[0, :, top:bottom, left:right]
    assert cut_out.min() < 80


def test_without_cropping_the_central_square_is_reduced(tmp_path):
    saved(tmp_path, "a.png", np.full((100, 200, 3), (255, 0, 0), dtype=np.uint8))
    half = np.zeros((100, 200, 3), dtype=np.uint8)
    half[:, 100:] = 255
    saved(tmp_path, "b.png", half)
    read = read_pictures(tmp_path, "none")
    assert (read.images[0] == np.array([255, 0, 0])[:, None, None]).all()
    assert list(read.found) == [False, True]
    assert read.images[1, 0, 14, 2] == 0
    assert read.images[1, 0, 14, 25] == 255
    np.testing.assert_array_equal(read.boxes[1], [28, 28, 84, 84])
