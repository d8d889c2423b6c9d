"""Several sources at once: one format, each image's source known, and one source as it always was."""

from types import SimpleNamespace

import numpy as np
import pytest
from kedro.io import DataCatalog, MemoryDataset

from mnistm_da.configuration import digit_set, folder_name
from mnistm_da.datasets.digit_sets import NamedDigits
from mnistm_da.domains.digit_sets import digit_set as module_of
from mnistm_da.domains.several import joined, taking_turns
from mnistm_da.domains.splits import cut, training_size, validation_size
from mnistm_da.errors import UserError
from mnistm_da.hooks.sizes import _check_disjoint, check_sizes
from mnistm_da.parameters import SplittingParams
from mnistm_da.pipelines.ingestion.nodes import ingest_source
from mnistm_da.pipelines.splitting.nodes import split_source
from mnistm_da.seeds import stream
from mnistm_da.sources import names, places

SPLITTING = SplittingParams(source_validation=0.25, target_validation=0.25)


def reading(count, channels, value):
    images = np.full((count, channels, 4, 4) if channels > 1 else (count, 4, 4), value, np.uint8)
    arrays = {"images": images, "labels": np.arange(count) % 10}
    return {f"{part}_{name}": array for part in ("train", "test") for name, array in arrays.items()}


def test_grey_and_colour_are_joined_in_colour_and_every_image_knows_its_source():
    found = joined([reading(8, 1, 10), reading(12, 3, 20)])
    assert found["train_images"].shape == (20, 3, 4, 4)
    assert found["test_images"].dtype == np.uint8
    assert found["train_domains"].dtype == np.int64
    for number, value in enumerate((10, 20)):
        assert (found["train_images"][found["train_domains"] == number] == value).all()
    assert joined([reading(8, 1, 10), reading(12, 1, 20)])["train_images"].shape == (20, 1, 4, 4)


def test_each_source_is_cut_by_itself():
    source = joined([reading(8, 1, 10), reading(12, 1, 20)])
    source["train_labels"] = source["train_labels"] % 2  # or a class would be held out as a whole
    train, validation, test = split_source(source, SPLITTING, seed=3)
    assert np.bincount(train["domains"]).tolist() == [6, 9]
    assert np.bincount(validation["domains"]).tolist() == [2, 3]
    assert np.bincount(test["domains"]).tolist() == [8, 12]
    for split in (train, validation, test):
        assert (split["images"][:, 0, 0, 0] == np.where(split["domains"] == 0, 10, 20)).all()


def test_one_source_is_cut_as_ever():
    source = reading(40, 1, 10) | {"train_images": np.arange(40, dtype=np.uint8)[:, None, None, None]}
    train, validation, test = split_source(source, SPLITTING, seed=3)
    chosen = cut("source", 40, SPLITTING, stream(3, "splitting"))
    assert train.keys() == validation.keys() == test.keys() == {"images", "labels"}
    assert train["images"].ravel().tolist() == chosen.train.tolist()
    assert validation["images"].ravel().tolist() == chosen.validation.tolist()


def test_a_picture_of_a_split_shows_all_sources():
    split = {"images": np.arange(8), "labels": np.array([0, 0, 1, 1, 0, 0, 1, 1]), "domains": np.repeat([0, 1], 4)}
    turned = taking_turns(split)
    for label in (0, 1):
        assert turned["domains"][turned["labels"] == label].tolist() == [0, 1, 0, 1]
    assert sorted(turned["images"]) == list(range(8))
    one = {"images": np.arange(8), "labels": np.zeros(8)}
    assert taking_turns(one) is one


def domain(name, other, part="all"):
    return NamedDigits(name=name, other=other, path="raw", part=part)


def test_sets_are_read_one_after_the_other_and_the_format_names_them():
    source = domain("optdigits+mnist_sample", "usps")
    source.check()
    raw = source.load()
    kept, format = ingest_source(raw, None)
    assert format["sources"] == ["optdigits", "mnist_sample"]
    assert np.bincount(kept["train_domains"]).tolist() == [1437, 4000]
    assert kept["train_images"].shape == (5437, 1, 28, 28)
    alone = module_of("optdigits").load(None)
    assert (kept["train_images"][:1437, 0] == alone["train_images"]).all()
    assert (source.sizes().train, source.sizes().test) == (5437, 1360)


def test_one_set_says_nothing_of_sources():
    source = domain("optdigits", "usps")
    kept, format = ingest_source(source.load(), None)
    assert not {"sources", "target_classes"} & format.keys()
    assert not [name for name in kept if "domains" in name]
    assert source.content() == module_of("optdigits").content()
    assert len({domain(name, "svhn").content() for name in ("mnist+usps", "usps+mnist", "mnist", "usps")}) == 4


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("mnist,usps", "svhn", r"several sources have a \+ between them, as in --params=source=mnist\+usps"),
        ("mnist usps", "svhn", r"several sources have a \+ between them, as in --params=source=mnist\+usps"),
        ("mnist+", "svhn", r"several sources have a \+ between them"),
        ("mnist+usps", "usps", "source and target are both 'usps'"),
        ("mnist+mnist", "usps", r"'mnist\+mnist' names a set twice"),
        ("mnist+usp", "svhn", "there is no digit set 'usp'. Did you mean 'usps'"),
        ("mnist_sample+usps", "mnist_m", "the test digits of mnist_sample are training digits of mnist_m"),
        ("mnist_sample+mnist", "usps", "the test digits of mnist_sample are training digits of mnist"),
    ],
)
def test_sources_that_cannot_be_are_one_message(source, target, message):
    with pytest.raises(UserError, match=message):
        domain(source, target).check()


def test_a_target_is_one_set_and_halves_of_it_are_no_halves_of_several():
    with pytest.raises(UserError, match="target names several sets, usps, svhn, and a run has one target"):
        domain("usps+svhn", "mnist", part="images").check()
    with pytest.raises(UserError, match="source and target are made of different ones"):
        _check_disjoint(SplittingParams(digits="disjoint"), domain("mnist+usps", "mnist_m"), domain("mnist_m", "mnist"))


def test_names_and_titles(tmp_path):
    assert names(" mnist + usps ") == ("mnist", "usps")
    assert digit_set("title", "mnist+usps") == "MNIST + USPS"
    assert digit_set("licence", "mnist+mnist_m").count("MNIST: Yann LeCun") == 2
    assert digit_set("licence", "mnist_sample+synthetic_photos").count("MNIST: Yann LeCun") == 1
    (tmp_path / "black+white").mkdir()
    assert places(f"{tmp_path}/black+white") == (tmp_path / "black+white",), "a folder with a + in its name"
    assert [place.name for place in places(f"{tmp_path}/black+{tmp_path}/white")] == ["black", "white"]
    assert folder_name(f"{tmp_path}/black+{tmp_path}/labels.csv", "") == "black + labels"
    assert folder_name("a/scans+b/scans", "") == "a/scans + b/scans"


@pytest.mark.parametrize("held", [100, 0.1])
def test_what_is_known_of_the_splits_of_several_sources_is_what_is_cut(held):
    sizes, params = domain("optdigits+mnist_sample", "usps").sizes(), SplittingParams(source_validation=held)
    assert sizes.cut_apart == (1437, 4000)
    train, validation, _ = split_source(joined([reading(count, 1, 10) for count in sizes.cut_apart]), params, seed=0)
    for split, size in ((train, training_size), (validation, validation_size)):
        assert len(split["labels"]) == sum(size("source", count, params) for count in sizes.cut_apart)


@pytest.mark.parametrize(
    ("held", "batch", "message"),
    [
        (1400, 3000, "training.batch_size is 3000, but the source training split has only 2637 images"),
        (2000, 64, "splitting.source_validation is 2000, but there are only 1437 training images in the source"),
    ],
)
def test_more_than_several_sources_have_is_refused_before_anything_is_read(held, batch, message):
    params = {
        "splitting": {"source_validation": held, "target_validation": 100},
        "training": {"batch_size": batch},
        "selection": {},
    }
    raw = {"raw_source": domain("optdigits+mnist_sample", "usps"), "raw_target_images": domain("usps", "optdigits")}
    asked = SimpleNamespace(all_outputs=lambda: {"source_train", "dann.training_state"})
    with pytest.raises(UserError, match=message):
        check_sizes(asked, DataCatalog(raw | {"parameters": MemoryDataset(params)}))
