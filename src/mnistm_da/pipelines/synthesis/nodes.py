"""Blend MNIST-M."""

import numpy as np

from mnistm_da.domains.blending import blend
from mnistm_da.parameters import SynthesisParams
from mnistm_da.seeds import stream


def synthesize_mnist_m(
    digits: dict[str, np.ndarray], photos: dict[str, np.ndarray], synthesis: SynthesisParams, seed: int
) -> dict[str, np.ndarray]:
    """Blend every digit over a photo patch: training digits over training photos, test over test.

    Args:
        digits: of `ingest_digits`.
        photos: of `ingest_photos`.
        synthesis: threshold of the stroke.
        seed: picks the patches.

    Returns:
        ``train_images`` and ``test_images``, (N, 3, 28, 28) uint8, in the order of the digits.
    """
    return {
        f"{part}_images": blend(
            digits[f"{part}_images"][:, 0],
            photos[f"{part}_pixels"],
            photos[f"{part}_shapes"],
            threshold=synthesis.threshold,
            seed=stream(seed, f"synthesis/{part}"),
        )
        for part in ("train", "test")
    }
