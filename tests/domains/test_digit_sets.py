"""The digit sets of the field: small files of the true format come through each reader, and embedded sets are whole."""

import bz2
from hashlib import md5

import numpy as np
import pytest
from scipy.io import savemat
from torchvision import datasets as torchvision

from counted import sizes_of
from mnistm_da.domains import download
from mnistm_da.domains.digit_sets import digit_set, mnist_m, svhn, synthetic_photos, usps
from mnistm_da.domains.format import DIGITS
from mnistm_da.domains.raw_files import RawDataError
from mnistm_da.domains.reading import check_pairs, checked_images, checked_labels
from mnistm_da.domains.resizing import resized
from mnistm_da.domains.sizes import Sizes
from mnistm_da.registry import DIGIT_SETS

EMBEDDED = ("mnist_sample", "optdigits", "synthetic_photos")


@pytest.fixture
def raw(tmp_path, monkeypatch):
    """The folder of raw files, which nothing can be downloaded to."""
    monkeypatch.delenv("MNISTM_RAW_DIR", raising=False)
    monkeypatch.setattr(download, "PAUSE", 0)
    for module in (usps, svhn):
        monkeypatch.setattr(module, "MIRRORS", ("http://127.0.0.1:9/",))
    return tmp_path / "01_raw"


def published(module, monkeypatch, folder, contents):
    """Put files where they are looked for, with their own checksums as the published ones."""
    folder.mkdir(parents=True)
    files = {}
    for part, content in contents.items():
        name, _ = module.FILES[part]
        (folder / name).write_bytes(content)
        files[part] = (name, md5(content).hexdigest())
    monkeypatch.setattr(module, "FILES", files)
    return files


def libsvm(images, labels):
    """Write what LIBSVM's page has: labels 1–10, values −1 to 1."""
    lines = [
        f"{label + 1} " + " ".join(f"{at + 1}:{value:.6f}" for at, value in enumerate(image.ravel()))
        for image, label in zip(images, labels, strict=True)
    ]
    return bz2.compress("\n".join(lines).encode() + b"\n")


def test_usps_is_read_from_compressed_libsvm_lines(raw, monkeypatch):
    labels = np.arange(12) % 10
    images = np.full((12, 16, 16), -1.0)
    images[:, 4:12] = 1.0
    published(usps, monkeypatch, raw / "usps", {part: libsvm(images, labels) for part in ("train", "test")})
    found = usps.load(raw)
    np.testing.assert_array_equal(found["train_labels"], labels)
    assert found["test_images"].shape == (12, 28, 28)
    assert (found["train_images"][:, 12:16] == 255).all()
    assert (found["train_images"][:, :4] == 0).all()


def test_svhn_is_read_from_matlab_files_and_its_ten_is_a_nought(raw, monkeypatch, tmp_path):
    images = np.zeros((32, 32, 3, 11), np.uint8)
    images[:, :, 2] = 200  # blue
    savemat(tmp_path / "x.mat", {"X": images, "y": np.arange(11)[:, None] % 10 + 1})
    content = (tmp_path / "x.mat").read_bytes()
    files = published(svhn, monkeypatch, raw / "svhn", {"train": content, "test": content})
    listed = {part: ["", name, digest] for part, (name, digest) in files.items()}
    monkeypatch.setattr(torchvision.SVHN, "split_list", listed)
    found = svhn.load(raw)
    assert found["train_images"].shape == (11, 3, 28, 28)
    assert found["train_images"][0, :, 5, 5].tolist() == [0, 0, 200]
    assert found["test_labels"].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]


def test_files_may_lie_in_the_folder_that_the_variable_names(raw, monkeypatch, tmp_path):
    content = libsvm(np.zeros((2, 16, 16)), np.arange(2))
    published(usps, monkeypatch, tmp_path / "shared/usps", {"train": content, "test": content})
    monkeypatch.setenv("MNISTM_RAW_DIR", str(tmp_path / "shared"))
    assert len(usps.load(raw)["train_labels"]) == 2
    assert not raw.exists()


@pytest.mark.parametrize(("module", "name"), [(usps, "usps.bz2"), (svhn, "train_32x32.mat")])
def test_a_file_that_is_damaged_or_cannot_be_had_is_told_with_the_cure(module, name, raw):
    with pytest.raises(RawDataError, match=rf"could not download {name} .*put it in {raw}.*--env=sample"):
        module.load(raw)
    folder = raw / module.__name__.rpartition(".")[2]
    (folder / name).write_bytes(b"truncated")
    with pytest.raises(RawDataError, match=rf"{name} is damaged or altered: its md5 is .*Delete it"):
        module.load(raw)


def test_the_checksums_are_those_that_torchvision_knows():
    for module, reader in ((usps, torchvision.USPS), (svhn, torchvision.SVHN)):
        for part, (name, digest) in module.FILES.items():
            url, of_reader, known = reader.split_list[part]
            assert (name, digest) == (of_reader, known)
            assert url == module.MIRRORS[0] + name


def test_mnist_m_is_blended_as_a_run_does(monkeypatch, tmp_path):
    digits = {f"{part}_images": np.full((3, 28, 28), 255, np.uint8) for part in ("train", "test")}
    digits |= {f"{part}_labels": np.arange(3) for part in ("train", "test")}
    monkeypatch.setattr(mnist_m, "load_mnist", lambda _: dict(digits))
    photos = {"train": [np.full((40, 40, 3), 10, np.uint8)], "test": [np.full((40, 40, 3), 20, np.uint8)]}
    monkeypatch.setattr(mnist_m, "load_bsds500", lambda _: photos)
    found = mnist_m.load(tmp_path)
    assert (found["train_images"] == 245).all()
    assert (found["test_images"] == 235).all()
    assert mnist_m.origin() == digit_set("mnist").content() != mnist_m.content()


@pytest.mark.parametrize("name", EMBEDDED)
def test_embedded_sets_are_whole(name, tmp_path):
    module = digit_set(name)
    found = module.load(tmp_path)
    labels = checked_labels(found, DIGITS, "source")
    check_pairs(checked_images(found | {"format": DIGITS}, DIGITS, "source"), labels, "source")
    assert sizes_of(labels) == module.SIZES
    assert not any(tmp_path.iterdir())


def test_synthetic_photos_are_in_colour_and_the_same_every_time(tmp_path, monkeypatch):
    few = {key: array[:20] for key, array in digit_set("mnist_sample").load(tmp_path).items()}
    monkeypatch.setattr(synthetic_photos, "load_sample_digits", lambda: dict(few))
    found, again = synthetic_photos.load(tmp_path), synthetic_photos.load(tmp_path)
    assert all(np.array_equal(again[key], found[key]) for key in found)
    assert found["train_images"].shape == (20, 3, 28, 28)
    assert found["train_images"].std(axis=1).max() > 10


@pytest.mark.parametrize("name", DIGIT_SETS)
def test_every_set_has_what_a_reader_needs(name):
    module = digit_set(name)
    assert isinstance(module.SIZES, Sizes)
    assert len(module.content()) == 64
    assert callable(module.load)
    said = DIGIT_SETS[name]
    assert all((said.module, said.title, said.about, said.licence))


def test_no_two_sets_have_the_same_content():
    assert len({digit_set(name).content() for name in DIGIT_SETS}) == len(DIGIT_SETS)


def test_the_content_of_mnist_m_is_that_of_digits_and_photos(monkeypatch):
    found = {mnist_m.content()}
    for name, other in (("FILES", {"more": ("more.gz", "0")}), ("manifest", lambda: {"more.jpg": "0"})):
        with monkeypatch.context() as changed:
            changed.setattr(mnist_m, name, other)
            found.add(mnist_m.content())
    assert len(found) == 3


def test_resizing_keeps_a_flat_image_and_the_order():
    images = np.arange(6, dtype=np.uint8).repeat(64).reshape(2, 3, 8, 8)
    np.testing.assert_array_equal(resized(images, 5)[:, :, 2, 2], images[:, :, 0, 0])
    assert resized(images[:, 0], 16).shape == (2, 16, 16)
