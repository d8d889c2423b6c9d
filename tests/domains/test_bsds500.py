import gzip
import io
import tarfile
import zipfile
from hashlib import sha256

import numpy as np
import pytest
from PIL import Image

from mnistm_da.domains import bsds500
from mnistm_da.domains.raw_files import RawDataError

NAMES = ("train/1.jpg", "val/2.jpg", "test/3.jpg")


def jpeg(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG")
    return file.getvalue()


PHOTOS = {name: jpeg(number) for number, name in enumerate(NAMES)}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty raw folder, and a manifest of three photos."""
    monkeypatch.delenv("MNISTM_RAW_DIR", raising=False)
    monkeypatch.setattr(
        bsds500, "manifest", lambda: {name: sha256(content).hexdigest() for name, content in PHOTOS.items()}
    )
    here = tmp_path / "01_raw" / "bsds500"
    here.mkdir(parents=True)
    return here


def put_photos(folder):
    for name, content in PHOTOS.items():
        (folder / "images" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "images" / name).write_bytes(content)


def tar(path, members):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            if isinstance(content, bytes):
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
            else:
                info.type, info.linkname = content
                archive.addfile(info)


def all_members(prefix="BSR/BSDS500/data/images/"):
    return [(prefix + name, content) for name, content in PHOTOS.items()]


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_train_and_val_photos_are_for_training_and_test_photos_for_testing(folder):
    put_photos(folder)
    photos = bsds500.load_bsds500(folder)
    assert {part: [photo.shape for photo in group] for part, group in photos.items()} == {
        "train": [(40, 50, 3)] * 2,
        "test": [(40, 50, 3)],
    }
    np.testing.assert_array_equal(photos["test"][0], np.asarray(Image.open(io.BytesIO(PHOTOS["test/3.jpg"]))))


def test_an_archive_in_the_folder_is_extracted(folder):
    tar(folder / "BSR_bsds500.tgz", [*all_members(), ("BSR/bench/readme.txt", b"not a photo")])
    assert len(bsds500.load_bsds500(folder)["train"]) == 2
    assert files_below(folder / "images") == sorted(NAMES)


def test_a_zip_is_extracted_too(folder):
    with zipfile.ZipFile(folder / "BSDS500-master.zip", "w") as archive:
        for name, content in all_members("BSDS500-master/BSDS500/data/images/"):
            archive.writestr(name, content)
    assert len(bsds500.load_bsds500(folder)["train"]) == 2


def test_a_malicious_archive_writes_nothing_outside(folder):
    """Paths that climb, absolute paths, links and members too large are never followed or written."""
    good = PHOTOS["train/1.jpg"]
    victim = folder.parent / "victim.jpg"
    members = [
        ("../../../images/train/evil.jpg", good),
        (str(folder.parent / "images/train/absolute.jpg"), good),
        ("images/train/1.jpg", (tarfile.SYMTYPE, str(victim))),
        ("images/train/1.jpg", (tarfile.LNKTYPE, "images/val/2.jpg")),
        ("images/val/2.jpg", b"\xff" * (bsds500.LARGEST_PHOTO + 1)),
        ("images/test/../train/4.jpg", good),
        *all_members("../"),
        *all_members("x/images/"),
    ]
    tar(folder / "BSR_bsds500.tgz", members)
    bsds500.load_bsds500(folder)
    assert files_below(folder.parent) == sorted(
        ["bsds500/BSR_bsds500.tgz", *(f"bsds500/images/{name}" for name in NAMES)]
    )


def test_an_archive_with_an_altered_photo_is_refused(folder):
    members = dict(all_members())
    members["BSR/BSDS500/data/images/val/2.jpg"] = jpeg(99)
    tar(folder / "BSR_bsds500.tgz", members.items())
    with pytest.raises(RawDataError, match=r"does not hold 1 of the 500 photos as published, e.g. images/val/2.jpg"):
        bsds500.load_bsds500(folder)
    assert files_below(folder / "images") == ["test/3.jpg", "train/1.jpg"]


def test_a_truncated_archive_is_refused_and_what_was_extracted_stays(folder):
    path = folder / "BSR_bsds500.tgz"
    tar(path, all_members())
    path.write_bytes(path.read_bytes()[:4000])
    with pytest.raises(RawDataError, match=r"BSR_bsds500.tgz is damaged.*Delete it"):
        bsds500.load_bsds500(folder)
    assert path.exists()


def test_what_a_named_folder_lacks_is_taken_from_an_archive_into_the_projects_own(folder, tmp_path, monkeypatch):
    put_photos(folder)
    (folder / "images/val/2.jpg").unlink()
    before = files_below(folder)
    monkeypatch.setenv("MNISTM_RAW_DIR", str(folder.parent))
    own = tmp_path / "own" / "bsds500"
    own.mkdir(parents=True)
    tar(own / "BSR_bsds500.tgz", all_members())
    assert len(bsds500.load_bsds500(own)["train"]) == 2
    assert files_below(own / "images") == ["val/2.jpg"]
    assert files_below(folder) == before


@pytest.mark.parametrize("below", bsds500.UNPACKED)
def test_an_archive_that_was_unpacked_by_hand_is_found(below, folder):
    for name, content in PHOTOS.items():
        (folder / below / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / below / name).write_bytes(content)
    assert len(bsds500.load_bsds500(folder)["train"]) == 2


def test_an_archive_whose_outer_packing_is_gone_is_extracted(folder):
    path = folder / "BSR_bsds500.tgz"
    tar(path, all_members())
    path.write_bytes(gzip.decompress(path.read_bytes()))
    assert len(bsds500.load_bsds500(folder)["train"]) == 2


def test_the_other_archive_is_tried_when_one_is_damaged(folder):
    (folder / "BSR_bsds500.tgz").write_bytes(b"<html>Sign in</html>")
    with zipfile.ZipFile(folder / "BSDS500-master.zip", "w") as archive:
        for name, content in all_members("BSDS500-master/BSDS500/data/images/"):
            archive.writestr(name, content)
    assert len(bsds500.load_bsds500(folder)["train"]) == 2
    assert (folder / "BSR_bsds500.tgz").exists()


def bomb(kind, size=2**40):
    """A gzip file of a tar header that claims a terabyte: of a file, or of a header that tarfile reads at once."""
    info = tarfile.TarInfo("images/train/1.jpg")
    info.size, info.type = size, kind
    return gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + b"\0" * 2**24)


def cut_stream(content):
    return content[:600] + bytes(255 - byte for byte in content[600:700]) + content[700:]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: bomb(tarfile.REGTYPE),
        lambda content: bomb(tarfile.XHDTYPE),
        lambda content: bomb(tarfile.GNUTYPE_LONGNAME),
        lambda content: b"",
        lambda content: b"<!DOCTYPE html>",
        lambda content: content[:2],
        lambda content: content[:-10],
        cut_stream,
    ],
)
def test_an_archive_that_is_damaged_or_made_to_do_harm_is_one_message(damage, folder):
    path = folder / "BSR_bsds500.tgz"
    tar(path, all_members()[:2])
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(RawDataError, match=r"BSR_bsds500.tgz (is damaged|does not hold).*Delete it"):
        bsds500.load_bsds500(folder)


def test_an_encrypted_zip_is_one_message(folder):
    path = folder / "BSDS500-master.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in all_members():
            archive.writestr(name, content)
    content = bytearray(path.read_bytes())
    content[6] |= 1  # of the first member, and below of its entry in the directory: "encrypted"
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(RawDataError, match=r"BSDS500-master.zip is damaged .*encrypted"):
        bsds500.load_bsds500(folder)


def test_photos_that_cannot_be_written_are_no_damage_of_the_archive(folder):
    tar(folder / "BSR_bsds500.tgz", all_members())
    (folder / "images").write_bytes(b"a file in the way")
    with pytest.raises(RawDataError, match=r"could not write .*images"):
        bsds500.load_bsds500(folder)


def test_an_altered_photo_is_named(folder):
    put_photos(folder)
    (folder / "images/test/3.jpg").write_bytes(jpeg(5))
    with pytest.raises(RawDataError, match=r"test/3.jpg is damaged or altered"):
        bsds500.load_bsds500(folder)


def test_the_manifest_names_500_photos():
    sets = [name.split("/")[0] for name in bsds500.manifest()]
    assert {part: sets.count(part) for part in set(sets)} == {"train": 200, "val": 100, "test": 200}
    assert len(set(bsds500.manifest().values())) == 500


@pytest.mark.real_data
def test_the_real_photos(tmp_path):
    photos = bsds500.load_bsds500(tmp_path / "bsds500")
    assert [len(photos["train"]), len(photos["test"])] == [300, 200]
    assert {photo.shape for group in photos.values() for photo in group} == {(321, 481, 3), (481, 321, 3)}
