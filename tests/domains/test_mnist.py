import gzip
import struct
from hashlib import md5
from pathlib import Path

import numpy as np
import pytest

from mnistm_da.domains import mnist
from mnistm_da.domains.raw_files import RawDataError


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def small_mnist(tmp_path, monkeypatch):
    """Four small files in the format of MNIST, with their own checksums."""
    monkeypatch.delenv("MNISTM_RAW_DIR", raising=False)
    rng = np.random.default_rng(0)
    folder, files = tmp_path / "01_raw" / "mnist", {}
    folder.mkdir(parents=True)
    for key, (name, _) in mnist.FILES.items():
        shape = (20, 28, 28) if "images" in key else (20,)
        content = gzip.compress(idx(rng.integers(0, 10, shape, dtype=np.uint8)))
        (folder / name).write_bytes(content)
        files[key] = (name, md5(content).hexdigest())
    monkeypatch.setattr(mnist, "FILES", files)
    return folder


def test_idx_comes_back_as_it_was():
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    np.testing.assert_array_equal(mnist.read_idx(idx(array)), array)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not an IDX file"),
        (b"\x89PNG and more", "not an IDX file"),
        (b"\0\0\x0d\1" + b"\0" * 8, "not an IDX file of unsigned bytes"),
        (idx(np.zeros((3, 4), np.uint8))[:-1], "cannot have 11 values"),
        (idx(np.zeros((3, 4), np.uint8)) + b"\0", "cannot have 13 values"),
        (b"\0\0\x08\3\0\0", "cannot end after 6 bytes"),
    ],
)
def test_garbage_is_refused(content, message):
    with pytest.raises(ValueError, match=message):
        mnist.read_idx(content)


def test_files_in_the_folder_are_read(small_mnist):
    arrays = mnist.load_mnist(small_mnist)
    assert arrays["train_images"].shape == (20, 28, 28)
    assert arrays["train_images"].dtype == np.uint8
    assert arrays["test_labels"].dtype == np.int64


def test_a_folder_named_by_the_environment_is_read_instead(small_mnist, monkeypatch):
    monkeypatch.setenv("MNISTM_RAW_DIR", str(small_mnist.parent))
    assert len(mnist.load_mnist(Path("elsewhere/mnist"))["train_labels"]) == 20


def test_a_named_folder_that_does_not_exist_is_an_error_and_not_a_download(small_mnist, monkeypatch):
    monkeypatch.setenv("MNISTM_RAW_DIR", str(small_mnist / "nowhere"))
    with pytest.raises(RawDataError, match=r"MNISTM_RAW_DIR is '.*nowhere', but there is no folder"):
        mnist.load_mnist(small_mnist)


def test_a_file_missing_in_a_named_folder_is_named_and_nothing_is_written_there(small_mnist, monkeypatch):
    (small_mnist / "t10k-labels-idx1-ubyte.gz").unlink()
    monkeypatch.setenv("MNISTM_RAW_DIR", str(small_mnist.parent))
    with pytest.raises(RawDataError, match=r"missing in .*t10k-labels-idx1-ubyte\.gz"):
        mnist.load_mnist(Path("elsewhere/mnist"))
    assert not (small_mnist / "t10k-labels-idx1-ubyte.gz").exists()


@pytest.mark.parametrize("damage", [lambda content: content[:-1], lambda content: content[:-1] + b"x"])
def test_a_truncated_or_altered_file_is_named_and_kept(small_mnist, damage):
    path = small_mnist / "train-images-idx3-ubyte.gz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(RawDataError, match=r"train-images-idx3-ubyte.gz is damaged or altered.*Delete it"):
        mnist.load_mnist(small_mnist)
    assert path.exists()


@pytest.mark.real_data
def test_the_real_mnist(tmp_path):
    arrays = mnist.load_mnist(tmp_path / "mnist")
    assert {name: len(array) for name, array in arrays.items()} == {
        "train_images": 60_000,
        "train_labels": 60_000,
        "test_images": 10_000,
        "test_labels": 10_000,
    }
    assert np.bincount(arrays["train_labels"]).tolist() == [
        5923,
        6742,
        5958,
        6131,
        5842,
        5421,
        5918,
        6265,
        5851,
        5949,
    ]
