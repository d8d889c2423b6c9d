"""A pair of domains of a few made-up digits and photos, for tests that train on them quickly."""

import numpy as np

from mnistm_da.domains.format import DIGITS


def made_up_pair(train=124, test=60):
    """Give what a trial begins with by dataset, the source's labels as the target's, and a second set of photos."""
    rng = np.random.default_rng(0)
    source = {}
    for part, count in (("train", train), ("test", test)):
        labels = np.arange(count) % 10
        images = np.zeros((count, 1, 28, 28), dtype=np.uint8)
        images[np.arange(count), 0, 4 + 2 * labels] = 255
        source |= {f"{part}_images": images, f"{part}_labels": labels.astype(np.int64)}

    def photos():
        pixels = {f"{part}_pixels": rng.integers(0, 256, 3 * 40 * 50, dtype=np.uint8) for part in ("train", "test")}
        return pixels | {f"{part}_shapes": np.array([[40, 50]]) for part in ("train", "test")}

    return {
        "source": source,
        "raw_target_images": {name: of for name, of in source.items() if "images" in name} | {"format": DIGITS},
        "photos": photos(),
        "format": DIGITS.model_dump(),
        "proxy_photos": photos(),
    }


def labels_of(data):
    return {name: of for name, of in data["source"].items() if "labels" in name}
