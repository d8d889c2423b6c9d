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


def test_an_empty_or_missing_folder_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="no readable picture"):
        load_user_images(tmp_path)
    with pytest.raises(ValueError, match="there is no folder"):
        load_user_images(tmp_path / "nowhere")
