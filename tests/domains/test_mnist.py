import gzip
import struct
from hashlib import md5, sha256
from pathlib import Path

import numpy as np
import pytest

from mnistm_da.domains import download, mnist, raw_files
from mnistm_da.domains.raw_files import RawDataError


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def small_mnist(tmp_path, monkeypatch):
    """Four small files in the format of MNIST, with their own checksums."""
    monkeypatch.delenv("MNISTM_RAW_DIR", raising=False)
    rng = np.random.default_rng(0)
    folder, files, unpacked = tmp_path / "01_raw" / "mnist", {}, {}
    folder.mkdir(parents=True)
    for key, (name, _) in mnist.FILES.items():
        shape = (20, 28, 28) if "images" in key else (20,)
        plain = idx(rng.integers(0, 10, shape, dtype=np.uint8))
        content = gzip.compress(plain)
        (folder / name).write_bytes(content)
        files[key] = (name, md5(content).hexdigest())
        unpacked[name.removesuffix(".gz")] = sha256(plain).hexdigest()
    monkeypatch.setattr(mnist, "FILES", files)
    monkeypatch.setattr(mnist, "UNPACKED", unpacked)
    monkeypatch.setattr(mnist, "MIRRORS", ("http://127.0.0.1:9/",))
    monkeypatch.setattr(download, "PAUSE", 0)
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


def test_what_a_named_folder_lacks_is_read_from_the_projects_own(small_mnist, tmp_path, monkeypatch):
    own, name = tmp_path / "own" / "mnist", "t10k-labels-idx1-ubyte.gz"
    own.mkdir(parents=True)
    (small_mnist / name).rename(own / name)
    monkeypatch.setenv("MNISTM_RAW_DIR", str(small_mnist.parent))
    assert len(mnist.load_mnist(own)["test_labels"]) == 20
    monkeypatch.setenv("MNISTM_RAW_DIR", str(tmp_path))  # a folder without any of these files
    with pytest.raises(RawDataError, match=r"could not download train-images-idx3-ubyte\.gz"):
        mnist.load_mnist(own)


PACKED = "train-images-idx3-ubyte.gz"


@pytest.mark.parametrize("form", mnist._forms(PACKED)[2:])
def test_an_unpacked_file_is_read_and_verified(form, small_mnist, monkeypatch):
    expected = mnist.load_mnist(small_mnist)["train_images"]
    plain = gzip.decompress((small_mnist / PACKED).read_bytes())
    (small_mnist / PACKED).unlink()
    (small_mnist / form).parent.mkdir(exist_ok=True)
    (small_mnist / form).write_bytes(plain)
    np.testing.assert_array_equal(mnist.load_mnist(small_mnist)["train_images"], expected)
    (small_mnist / form).write_bytes(plain[:-1] + b"x")
    with pytest.raises(RawDataError, match=r"train-images.idx3-ubyte is damaged or altered"):
        mnist.load_mnist(small_mnist)


def test_a_packed_file_may_have_a_dot_in_its_name(small_mnist):
    (small_mnist / PACKED).rename(small_mnist / PACKED.replace("-idx", ".idx"))
    assert len(mnist.load_mnist(small_mnist)["train_images"]) == 20


@pytest.mark.parametrize("damage", [lambda content: content[:-1], lambda content: content[:-1] + b"x"])
def test_a_truncated_or_altered_file_is_named_and_kept(small_mnist, damage):
    path = small_mnist / "train-images-idx3-ubyte.gz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(RawDataError, match=r"train-images-idx3-ubyte.gz is damaged or altered.*Delete it"):
        mnist.load_mnist(small_mnist)
    assert path.exists()


@pytest.mark.real_data
def test_the_digests_of_the_unpacked_files_are_those_of_the_published_ones(tmp_path):
    for name, md5sum in mnist.FILES.values():
        path = raw_files.find([name], raw_files.raw_folders(tmp_path / "mnist"))
        plain = gzip.decompress(raw_files.read_verified(path, "md5", md5sum))
        assert sha256(plain).hexdigest() == mnist.UNPACKED[name.removesuffix(".gz")]


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
