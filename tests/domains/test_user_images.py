import logging

import numpy as np
import pytest
from PIL import Image

from mnistm_da.domains.user_images import load_user_images


def test_pictures_of_any_size_become_28_by_28_and_a_broken_one_is_named(tmp_path, caplog):
    caplog.set_level(logging.WARNING)
    Image.new("RGB", (200, 100), "red").save(tmp_path / "b.png")
    Image.new("L", (28, 28), 255).save(tmp_path / "a.jpg")
    (tmp_path / "c.png").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("no picture either")
    names, images = load_user_images(tmp_path)
    assert names == ["a.jpg", "b.png"]
    assert images.shape == (2, 3, 28, 28)
    assert images.dtype == np.uint8
    assert images[0].min() >= 250
    np.testing.assert_array_equal(images[1].reshape(3, -1).T, [[255, 0, 0]] * 784)
    assert "left out c.png" in caplog.text


def test_a_drawing_on_nothing_is_one_on_white(tmp_path):
    drawing = np.zeros((56, 56, 4), dtype=np.uint8)
    drawing[20:36, 20:36, 3] = 255  # a black square; the rest is transparent black
    Image.fromarray(drawing).save(tmp_path / "drawn.PNG")
    _, [image] = load_user_images(tmp_path)
    assert image[:, 14, 14].max() == 0
    assert image[:, 0, 0].min() == 255


def test_sixteen_bits_are_brought_to_eight(tmp_path):
    Image.fromarray(np.full((30, 30), 0x8000, dtype=np.uint16)).save(tmp_path / "scan.png")
    _, [image] = load_user_images(tmp_path)
    assert (image == 0x80).all()


def test_an_empty_or_missing_folder_is_an_error(tmp_path):
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(ValueError, match="there is no picture in"):
        load_user_images(tmp_path)
    (tmp_path / "broken.png").write_bytes(b"")
    with pytest.raises(ValueError, match="can be read"):
        load_user_images(tmp_path)
    with pytest.raises(ValueError, match="there is no folder"):
        load_user_images(tmp_path / "nowhere")
