"""What benchmarks work on: MNIST and BSDS500, or in the smoke test a few images of the embedded sample."""

from dataclasses import dataclass

import numpy as np

from mnistm_da.adaptation.optimization.batches import TrainingData
from mnistm_da.domains.blending import blend, pack_photos
from mnistm_da.domains.bsds500 import load_bsds500
from mnistm_da.domains.format import DIGITS
from mnistm_da.domains.mnist import load_mnist
from mnistm_da.domains.sample import load_sample_digits, load_sample_photos

from .measure import ROOT

FOLDER = ROOT / "data/01_raw"


@dataclass(frozen=True)
class Raw:
    """Digits, ``train_images`` (N, 28, 28) uint8 and so on, and photos (H, W, 3) uint8 of ``train`` and ``test``.

    Attributes:
        is_quick: whether this is the smoke test, whose figures mean nothing.
    """

    digits: dict[str, np.ndarray]
    photos: dict[str, list[np.ndarray]]
    is_quick: bool

    @property
    def count(self) -> int:
        """Number of training digits."""
        return len(self.digits["train_labels"])

    def training_digits(self, count: int) -> np.ndarray:
        """Give ``count`` training digits, repeated as often as it takes."""
        return self.digits["train_images"][np.arange(count) % self.count]

    def splits(self, count: int, seed: int = 0) -> TrainingData:
        """Give ``count`` images of each domain to train on; the target's lie in another order than the source's."""
        digits, order = self.training_digits(count), np.random.default_rng(seed).permutation(count)
        source = {"images": digits[:, None], "labels": self.digits["train_labels"][np.arange(count) % self.count]}
        few = {name: array[:250] for name, array in source.items()}
        return TrainingData(source, few, {"images": self._blend(digits[order], "train", seed)})

    def target_test(self, seed: int) -> dict[str, np.ndarray]:
        """Give the target test ``images`` and ``labels``."""
        return {"images": self._blend(self.digits["test_images"], "test", seed), "labels": self.digits["test_labels"]}

    def _blend(self, digits: np.ndarray, part: str, seed: int) -> np.ndarray:
        return blend(digits, *pack_photos(self.photos[part], DIGITS.side), threshold=0, seed=[seed, part == "test"])


def real() -> Raw:
    """Load the real data as `kedro run` does: of the project's folder or the environment's, else downloaded."""
    return Raw(_with_int64_labels(load_mnist(FOLDER / "mnist")), load_bsds500(FOLDER / "bsds500"), is_quick=False)


def sample() -> Raw:
    """Give the first 300 digits of the embedded sample, and its photos."""
    few = {name: array[:300] for name, array in load_sample_digits().items()}
    return Raw(few, load_sample_photos(), is_quick=True)


def _with_int64_labels(digits: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: array.astype(np.int64) if array.ndim == 1 else array for name, array in digits.items()}
