"""How time grows with the number of images: the exponent of a power law, 1 being linear."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from mnistm_da.adaptation.models.inference import predict
from mnistm_da.domains.blending import blend, pack_photos
from mnistm_da.domains.format import DIGITS
from mnistm_da.parameters import TrainingParams

from .data import Raw
from .measure import Result, seconds
from .training import CPU, dann, epoch


def run(raw: Raw, rounds: int) -> Iterator[Result]:
    """Fit the exponent of synthesis, of one epoch of DANN, and of classifying, each over sizes doubled four times."""
    sizes = [64, 128] if raw.is_quick else [15_000 * 2**n for n in range(5)]
    pixels, shapes = pack_photos(raw.photos["train"], DIGITS.side)
    training = TrainingParams(epochs=1, batch_size=64 if raw.is_quick else 128)
    network = dann(training)

    def synthesis(count: int) -> Callable[[], Any]:
        digits = raw.training_digits(count)
        return lambda: blend(digits, pixels, shapes, threshold=0, seed=[0])

    def training_epoch(count: int) -> Callable[[], Any]:
        data = raw.splits(count)
        return lambda: epoch(data, training)

    def evaluation(count: int) -> Callable[[], Any]:
        images = raw.splits(count).target["images"]
        return lambda: predict(network, images, CPU)

    for name, work, times in (
        ("synthesis", synthesis, rounds),
        ("an epoch of DANN", training_epoch, 1),
        ("evaluation", evaluation, min(rounds, 3)),
    ):
        work(sizes[0])()
        exponents, spent = [], {}
        for _ in range(times):
            spent = {size: seconds(work(size)) for size in sizes}
            exponents.append(float(np.polyfit(np.log(sizes), np.log(list(spent.values())), 1)[0]))
        yield Result(
            f"growth of {name}",
            f"images, {sizes[0]:,} to {sizes[-1]:,}",
            exponents,
            "",
            1.05,
            "at_most",
            {"seconds": spent},
        )
