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
