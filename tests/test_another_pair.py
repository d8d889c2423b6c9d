"""Another pair of domains is one reader and one environment: scikit-learn's digits as the target of MNIST's sample."""

import json

import numpy as np
import pytest
import yaml

from conftest import clone
from mnistm_da.domains.format import DIGITS
from mnistm_da.errors import UserError
from mnistm_da.pipelines.ingestion.nodes import ingest_photos, ingest_source, ingest_target_labels, make_target_images
from mnistm_da.pipelines.splitting.nodes import label_target_test

READER = '''
import numpy as np
from sklearn.datasets import load_digits

from mnistm_da.datasets.raw import RawDomain


class SmallDigits(RawDomain):
    """1,797 digits of 8 × 8, brought to 28 × 28: each pixel three times as large, and a border."""

    def read(self):
        found = load_digits()
        images = np.kron(found.images * 255 / 16, np.ones((3, 3))).astype(np.uint8)
        images, labels = np.pad(images, ((0, 0), (2, 2), (2, 2))), found.target
        test = np.arange(len(labels)) % 5 == 0
        return {
            "train_images": images[~test],
            "train_labels": labels[~test],
            "test_images": images[test],
            "test_labels": labels[test],
        }

    def content(self):
        return "scikit-learn's digits"
'''

MNIST_SAMPLE = {"type": "mnistm_da.datasets.raw.SampleDigits"}
ENVIRONMENT = {
    "globals": {"data_root": "data/small_digits"},
    "catalog_raw": {
        "raw_source": MNIST_SAMPLE,
        "raw_target_{part}": {"type": "small_digits_reader.SmallDigits", "part": "{part}"},
        "raw_photos": {"type": "mnistm_da.datasets.raw.NoPhotos"},
    },
    "parameters": {
        "titles": {"target": "small digits"},
        "splitting": {"source_validation": 1500, "target_validation": 200},
        "network": {"width": 8},
        "training": {"epochs": 1, "batch_size": 64},
        "embedding": {"method": "pca", "samples": 60},
    },
}


@pytest.fixture
def pair(tmp_path, monkeypatch):
    """A clone that has one environment more, and the reader where Python finds it."""
    folder = clone(tmp_path / "project")
    (folder / "conf/small_digits").mkdir()
    for name, content in ENVIRONMENT.items():
        (folder / f"conf/small_digits/{name}.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
    (tmp_path / "reader").mkdir()
    (tmp_path / "reader/small_digits_reader.py").write_text(READER, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path / "reader")
    return folder


def test_a_reader_and_an_environment_are_a_pair(pair, kedro_here):
    done = kedro_here("run", "--pipelines=source_only", "--env=small_digits", cwd=pair)
    assert done.returncode == 0, done.stdout + done.stderr
    metrics = json.loads(newest_of(pair, "source_only.metrics.json").read_text())
    assert np.sum(metrics["target_test"]["confusion_matrix"]) == 360
    assert np.sum(metrics["source_test"]["confusion_matrix"]) == 1000
    shapes = {name: images_of(pair, name) for name in ("source_train", "target_train", "target_validation")}
    assert shapes == {
        "source_train": (2500, 1, 28, 28),
        "target_train": (1437 - 200, 1, 28, 28),
        "target_validation": (200, 1, 28, 28),
    }


def newest_of(folder, name):
    return max((folder / "data/small_digits").glob(f"*/{name}/*/{name}"))


def images_of(folder, name):
    from safetensors.numpy import load_file

    return load_file(newest_of(folder, f"{name}.safetensors"))["images"].shape


def test_different_images_cannot_be_disjoint_halves_of_the_same(pair, kedro_here):
    done = kedro_here(
        "run", "--pipelines=source_only", "--env=small_digits", "--params=splitting.digits=disjoint", cwd=pair
    )
    assert done.returncode != 0
    assert "splitting.digits=disjoint gives each domain its own half of the same images" in done.stdout
    assert not (pair / "data/small_digits").exists(), "before anything runs"


def domain(count=4, **changed):
    images, labels = np.zeros((count, 28, 28), np.uint8), np.arange(count)
    raw = {"train_images": images, "train_labels": labels, "test_images": images, "test_labels": labels}
    return raw | {"format": DIGITS} | changed


def images(**changed):
    return {name: array for name, array in domain(**changed).items() if "labels" not in name}


NO_PHOTOS = {f"{part}_{name}": np.empty(0) for part in ("train", "test") for name in ("pixels", "shapes")}
PHOTOS = {f"{part}_shapes": np.array([[40, 40]]) for part in ("train", "test")}
FORMAT = DIGITS.model_dump(mode="json")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"train_images": np.zeros((4, 28, 28))}, r"train images of the source are float64 \(4, 28, 28\)"),
        ({"test_images": np.zeros((4, 2, 28, 28), np.uint8)}, "test images of the source are uint8"),
        ({"test_images": np.zeros((4, 28), np.uint8)}, "test images of the source are uint8"),
        ({"train_images": np.zeros((0, 28, 28), np.uint8)}, "wanted at least one"),
        ({"train_labels": np.array([0, 1, 2, 10])}, "train labels of the source are not all whole numbers from 0 to 9"),
        ({"test_labels": np.array([0, 1, 2, 0.5])}, "test labels of the source"),
        ({"test_labels": np.arange(3)}, "the source has 4 test images, but 3 test labels"),
    ],
)
def test_a_source_that_is_no_domain_is_refused(changed, message):
    with pytest.raises(UserError, match=message):
        ingest_source(domain(**changed))


@pytest.mark.parametrize(
    ("changed", "photos", "message"),
    [
        (
            {"format": DIGITS.model_copy(update={"classes": ("a", "b")})},
            NO_PHOTOS,
            "the classes of the target are a, b",
        ),
        ({"format": DIGITS.model_copy(update={"side": 32})}, NO_PHOTOS, "a side of 32 pixels"),
        ({"test_images": np.zeros((4, 3, 28, 28), np.uint8)}, PHOTOS, "raw_photos the type .*NoPhotos"),
    ],
)
def test_target_images_of_another_format_are_refused(changed, photos, message):
    with pytest.raises(UserError, match=message):
        make_target_images(images(**changed), photos, FORMAT, None, 0)


def test_target_images_that_come_with_labels_are_refused():
    """An environment that forgets to ask for the images alone."""
    with pytest.raises(UserError, match=r"raw_target_images gives labels, .*part: images"):
        make_target_images(domain(), NO_PHOTOS, FORMAT, None, 0)


def test_target_labels_are_as_many_as_the_images():
    labels = ingest_target_labels(domain(train_labels=np.arange(5)), FORMAT)
    with pytest.raises(UserError, match="the target has 4 train images, but 5 train labels"):
        label_target_test(make_target_images(images(), NO_PHOTOS, FORMAT, None, 0), labels)


def test_without_photos_images_in_colour_stay_as_they_are():
    colour = np.random.default_rng(0).integers(0, 256, (4, 3, 28, 28), dtype=np.uint8)
    photos = ingest_photos({"train": [], "test": []}, FORMAT)
    made = make_target_images(images(train_images=colour), photos, FORMAT, None, 0)
    np.testing.assert_array_equal(made["train_images"], colour)
    assert made["test_images"].shape == (4, 1, 28, 28)


def test_photos_for_one_part_alone_are_refused():
    with pytest.raises(UserError, match="no photos"):
        ingest_photos({"train": [np.zeros((40, 40, 3), np.uint8)], "test": []}, FORMAT)
