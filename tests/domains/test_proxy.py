import numpy as np
import pytest

from made_up_pair import made_up_pair
from mnistm_da.domains.format import Format
from mnistm_da.domains.proxy import proxy_pair
from mnistm_da.domains.sample import load_other_photos, load_sample_photos
from mnistm_da.errors import UserError


def test_a_proxy_is_made_of_the_sources_training_images_alone_and_of_other_photos():
    data = made_up_pair(train=100, test=50)
    source, train = data["source"], data["source"]["train_images"]
    train[:, 0, 0, 0] = np.arange(len(train))  # so that each can be told
    source["test_images"][:, 0, 0, 0] = 200
    pair = proxy_pair(source, data["proxy_photos"], data["format"])
    parts = {part: pair["source"][f"{part}_images"][:, 0, 0, 0] for part in ("train", "test")}
    assert sorted(np.concatenate([parts["train"], parts["test"]])) == list(range(100))
    assert len(parts["test"]) == 20
    for part, numbers in parts.items():
        assert np.array_equal(pair["source"][f"{part}_labels"], source["train_labels"][numbers])
        assert np.array_equal(pair["target_labels"][f"{part}_labels"], source["train_labels"][numbers])
        assert np.array_equal(pair["raw_target_images"][f"{part}_images"], train[numbers])
    assert not any("labels" in name for name in pair["raw_target_images"])
    assert pair["photos"] is data["proxy_photos"]


def test_a_proxy_target_lacks_the_classes_that_the_real_one_lacks():
    data = made_up_pair(train=100, test=50)
    digits = Format.model_validate(data["format"])
    partial = digits.model_copy(update={"target_classes": digits.classes[:2]}).model_dump()
    pair = proxy_pair(data["source"], data["proxy_photos"], partial)
    whole = proxy_pair(data["source"], data["proxy_photos"], data["format"])
    for part in ("train", "test"):
        labels = pair["target_labels"][f"{part}_labels"]
        assert {*labels} <= {0, 1}
        of_all = whole["target_labels"][f"{part}_labels"]
        expected = whole["raw_target_images"][f"{part}_images"][np.isin(of_all, [0, 1])]
        assert np.array_equal(pair["raw_target_images"][f"{part}_images"], expected)
        assert np.array_equal(pair["source"][f"{part}_labels"], whole["source"][f"{part}_labels"])


def test_images_in_colour_have_no_proxy():
    data = made_up_pair()
    in_colour = {name: of.repeat(3, axis=1) if "images" in name else of for name, of in data["source"].items()}
    with pytest.raises(UserError, match=r"tune\.score=im"):
        proxy_pair(in_colour, data["proxy_photos"], data["format"])


def test_the_samples_proxy_has_none_of_its_photos_and_no_photo_twice():
    sample, other = (
        [photo for part in of.values() for photo in part] for of in (load_sample_photos(), load_other_photos())
    )
    channels = [photo[:, :, number] for photo in other for number in range(3)]
    for photo in other:
        assert photo.dtype == np.uint8
        assert min(photo.shape[:2]) > 28
        assert not any(photo.shape == one.shape and np.array_equal(photo, one) for one in sample)
    train, test = load_other_photos().values()
    for photo in train:
        for one in test:
            shared = [(a, b) for a in range(3) for b in range(3) if np.array_equal(photo[:, :, a], one[:, :, b])]
            assert not shared
    assert len(channels) == 15
