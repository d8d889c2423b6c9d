"""A user's own folders as two domains: the pictures that are read, and their order."""

import csv
import threading
import tracemalloc
import warnings

import numpy as np
import pytest
from PIL import Image

from mnistm_da.domains.folders import reading
from own_folders import COLOURS, GOOD, domain, picture, read_all


def test_folders_become_two_domains(pair):
    source, target, labels = read_all(pair)
    assert source["format"].classes == ("blue", "red")
    assert source["format"].shape == (3, 16, 16)
    assert [len(source[f"{part}_images"]) for part in ("train", "test")] == [16, 4]
    assert np.bincount(source["test_labels"]).tolist() == [2, 2], "as large a share of each class"
    centre = source["train_images"][:, :, 8, 8]
    assert {tuple(row) for row in centre[source["train_labels"] == 1].tolist()} == {COLOURS["red"]}
    assert [len(target[f"{part}_images"]) for part in ("train", "test")] == [10, 2]
    assert [len(labels[f"{part}_labels"]) for part in ("train", "test")] == [0, 0]
    assert not any("images" in name for name in labels)


def test_the_order_and_the_content_are_the_same_every_time_and_names_do_not_decide_what_is_tested(pair):
    first, content = domain(pair).read(), domain(pair).content()
    again = domain(pair).read()
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert domain(pair).content() == content
    (pair / "source/red/0.png").rename(pair / "source/red/renamed.png")
    renamed = domain(pair).read()
    assert {image.tobytes() for image in renamed["test_images"]} == {image.tobytes() for image in first["test_images"]}
    picture(pair / "source/red/new.png", (1, 2, 3))
    assert domain(pair).content() != content
    assert domain(pair, pictures=GOOD | {"side": 20}).content() != content


def test_pictures_of_the_target_with_labels_are_tested_on_and_no_others(pair):
    for number in range(4):
        picture(pair / f"checked/{'red' if number % 2 else 'blue'}/{number}.png", (60, 60, 60), mark=number)
    _, target, labels = read_all(pair, target_test=str(pair / "checked"))
    assert len(target["train_images"]) == 12
    assert labels["test_labels"].tolist() == [0, 0, 1, 1]
    assert len(labels["train_labels"]) == 0
    assert domain(pair, "target", target_test=str(pair / "checked")).has_labelled_test()


def table(path, rows, delimiter=",", encoding="utf-8"):
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def rows(pair):
    return [(f"source/{name}/{number}.png", name) for name in COLOURS for number in range(10)]


@pytest.mark.parametrize(("delimiter", "encoding"), [(",", "utf-8"), (";", "utf-8-sig"), ("\t", "utf-8")])
def test_a_table_of_file_and_label_is_a_source_too(pair, delimiter, encoding):
    of_folders = domain(pair).read()
    labels = table(pair / "labels.csv", [("label", "File"), *((b, a) for a, b in rows(pair))], delimiter, encoding)
    of_table = domain(pair, source=str(labels)).read()
    assert all(np.array_equal(of_table[name], of_folders[name]) for name in of_folders)


def test_names_of_classes_may_have_spaces_and_numbers_are_in_their_order(pair):
    for name in ("10 apples", "9 pears", "ångström"):
        for number in range(5):
            picture(pair / f"source/{name}/{number}.png", (len(name), 0, 0), mark=number)
    assert domain(pair).format.classes == ("9 pears", "10 apples", "blue", "red", "ångström")


def test_accents_are_the_same_whether_a_mac_wrote_them_apart_or_not(pair):
    """Else two folders would look the same in the message that they differ."""
    for number in range(5):
        picture(pair / f"source/caf\u00e9/{number}.png", (9, 9, 9), mark=number)
    for number in range(2):
        picture(pair / f"checked/cafe\u0301/{number}.png", (60, 60, 60), mark=number)
    labels = domain(pair, "target", "labels", target_test=str(pair / "checked"))
    assert labels.format.classes == ("blue", "caf\u00e9", "red")
    assert labels.read()["test_labels"].tolist() == [1, 1]


def test_a_class_may_be_called_train_beside_others(pair):
    for number in range(5):
        picture(pair / f"source/train/{number}.png", (9, 9, 9), mark=number)
    assert domain(pair).format.classes == ("blue", "red", "train")


def test_a_photo_lies_as_its_exif_says(tmp_path):
    upright = Image.new("RGB", (16, 16), (0, 0, 0))
    upright.paste((255, 255, 255), (0, 0, 16, 4))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90° clockwise
    upright.rotate(90, expand=True).save(tmp_path / "turned.png", exif=exif)
    upright.save(tmp_path / "upright.png")
    images, _ = reading.decode_all([tmp_path / "turned.png", tmp_path / "upright.png"], 16, "pad", "x")
    np.testing.assert_array_equal(images[0], images[1])


def test_pictures_are_read_in_their_order_by_many_threads_into_one_array(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "CHUNK", 3)
    monkeypatch.setattr(reading, "usable", lambda: 4)
    paths = [picture(tmp_path / f"{number}.png", (number, 0, 0), size=(8, 8)) for number in range(50)]
    paths[7].write_text("broken")
    images, is_read = reading.decode_all(paths, 12, "stretch", "x")
    assert images[:, 0, 6, 6].tolist() == [number for number in range(50) if number != 7]
    assert is_read.tolist() == [number != 7 for number in range(50)]
    assert images.base.shape == (50, 3, 12, 12), "moved together in place"


def test_reading_takes_hardly_more_memory_than_the_array(tmp_path):
    """Of NumPy and Python; what Pillow takes for the pictures under way is not counted."""
    paths = [picture(tmp_path / f"{number}.png", (number, 0, 0), size=(60, 40)) for number in range(2)] * 200
    paths[3] = tmp_path / "gone.png"
    tracemalloc.start()
    images, _ = reading.decode_all(paths, 96, "pad", "x")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert images.nbytes > 10_000_000
    assert most < 1.5 * images.nbytes


def test_a_decoders_warnings_are_ignored_by_all_threads_together(tmp_path, monkeypatch):
    """Filters of warnings are the process's: threads that each set and reset them would leave others behind."""
    paths = [picture(tmp_path / f"{number}.png", (number, 0, 0)) for number in range(8)]
    picture_of, catch = reading.picture_of, warnings.catch_warnings

    def read_and_warn(path):
        warnings.warn("damaged metadata", stacklevel=2)
        return picture_of(path)

    def in_the_main_thread(*args, **more):
        assert threading.current_thread() is threading.main_thread()
        return catch(*args, **more)

    monkeypatch.setattr(reading, "picture_of", read_and_warn)
    monkeypatch.setattr(reading, "CHUNK", 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        before = list(warnings.filters)
        monkeypatch.setattr(warnings, "catch_warnings", in_the_main_thread)
        _, is_read = reading.decode_all(paths, 12, "pad", "x")
        assert warnings.filters == before
    assert is_read.all()
