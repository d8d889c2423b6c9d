import os

import numpy as np
import pytest
from kedro.io import DatasetError

from mnistm_da.datasets import raw


def test_the_sample_is_loaded_through_the_catalogs_datasets():
    assert raw.SampleDigits().load()["train_images"].dtype == np.uint8
    assert len(raw.SamplePhotos().load()["test"]) == 3


@pytest.mark.parametrize("kind", [raw.MnistFiles, raw.Bsds500Files])
def test_a_mistake_comes_as_one_clear_message(kind, tmp_path, monkeypatch):
    monkeypatch.setenv("MNISTM_RAW_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(DatasetError, match=r"^MNISTM_RAW_DIR is '.*nowhere'"):
        kind(path="data/01_raw/mnist").load()


def test_a_part_that_is_none_is_refused():
    with pytest.raises(DatasetError, match="must be all, images or labels, not 'image'"):
        raw.SampleDigits(part="image")


class Half(raw.RawDomain):
    def read(self):
        return {"train_images": np.zeros((2, 28, 28), np.uint8), "test_images": np.zeros((2, 28, 28), np.uint8)}

    def content(self):
        return "half"


def test_what_a_reader_does_not_give_is_named_where_it_is_asked_for():
    assert set(Half(part="images").load()) == {"train_images", "test_images", "format"}
    with pytest.raises(DatasetError, match=r"^the reader Half gives no train_labels and no test_labels$"):
        Half(part="labels").load()


def test_a_raw_source_is_never_written():
    with pytest.raises(DatasetError, match="never written"):
        raw.SampleDigits().save({})


def test_another_picture_is_another_content(tmp_path):
    folder = raw.PictureFolder(folder=str(tmp_path))
    (tmp_path / "a.png").write_bytes(b"1")
    before = folder.content()
    assert folder.content() == before
    (tmp_path / "b.png").write_bytes(b"2")
    assert folder.content() != before
    assert raw.PictureFolder(folder=str(tmp_path / "nowhere")).content() != before


def test_only_pictures_count_and_none_is_read_that_is_none(tmp_path):
    """A film, a locked text and what a system puts there change nothing; a pipe would be waited on forever."""
    folder = raw.PictureFolder(folder=str(tmp_path))
    (tmp_path / "a.png").write_bytes(b"1")
    (tmp_path / "a.png").rename(tmp_path / os.fsdecode(b"caf\xe9.png"))
    before = folder.content()
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "notes.txt").chmod(0)
    (tmp_path / ".DS_Store").write_bytes(b"2")
    (tmp_path / "film.mp4").write_bytes(b"3")
    (tmp_path / "sub").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "circle.png").symlink_to(tmp_path / "circle.png")
    assert folder.content() == before


def test_a_picture_that_cannot_be_opened_is_a_content_too(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_bytes(b"1")
    folder = raw.PictureFolder(folder=str(tmp_path))
    before = folder.content()

    def locked(path):
        raise PermissionError(path)

    monkeypatch.setattr(raw.pictures, "content_hash", locked)
    assert folder.content() != before


def test_one_picture_is_a_content(tmp_path):
    (tmp_path / "a.png").write_bytes(b"1")
    of_file = raw.PictureFolder(folder=str(tmp_path / "a.png"))
    before = of_file.content()
    (tmp_path / "b.png").write_bytes(b"2")
    assert of_file.content() == before
    (tmp_path / "a.png").write_bytes(b"3")
    assert of_file.content() != before


def test_pictures_in_an_object_store_are_told():
    with pytest.raises(DatasetError, match="read from a disk of this machine, not from 's3://bucket/a': copy them"):
        raw.PictureFolder(folder="s3://bucket/a").load()
