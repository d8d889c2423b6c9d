"""Small folders of pictures as somebody has them, and the readers of them, for the tests of a user's own pictures."""

from pathlib import Path

from PIL import Image

from mnistm_da.datasets.picture_folders import PictureDomain

COLOURS = {"blue": (20, 40, 200), "red": (200, 40, 20)}
GOOD = {"side": 16, "fit": "pad", "test_share": 0.2}


def picture(path: Path, colour=(0, 0, 0), size=(20, 14), mark=0) -> Path:
    """Save a picture of one colour; another mark makes another picture of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = Image.new("RGB", size, colour)
    made.putpixel((mark % size[0], mark // size[0] % size[1]), (255, 255, 255))
    made.save(path)
    return path


def make_pair(tmp_path: Path) -> Path:
    """Ten pictures of each of two classes, and twelve without labels in two depths."""
    for name, colour in COLOURS.items():
        for number in range(10):
            picture(tmp_path / f"source/{name}/{number}.png", colour, mark=number)
    for number in range(12):
        picture(tmp_path / f"target/{'deep/er/' * (number % 2)}{number}.png", (90, 90, 90), mark=number)
    return tmp_path


def checked(pair: Path, *, like: str | None = None, classes=("red", "blue")) -> dict[str, str]:
    """Add labelled pictures of the target, one of them a copy of ``like``; give the parameter that names them."""
    for number, name in enumerate(classes * 2):
        picture(pair / f"checked/{name}/{number}.png", (60, 60, 60), mark=number)
    if like:
        (pair / "checked/red/copy.png").write_bytes((pair / like).read_bytes())
    return {"target_test": str(pair / "checked")}


def domain(pair, which="source", part="all", **changed):
    named = {"source": str(pair / "source"), "target": str(pair / "target"), "target_test": None, "pictures": GOOD}
    return PictureDomain(domain=which, part=part, **(named | changed))


def read_all(pair, **changed):
    """What a run reads, in its order: the check before it, then each dataset."""
    datasets = [domain(pair, **changed), *(domain(pair, "target", part, **changed) for part in ("images", "labels"))]
    for dataset in datasets:
        dataset.check()
        dataset.sizes()
    return [dataset.read() | {"format": dataset.format} for dataset in datasets]
