"""One seed for everything, and an independent random stream for each purpose."""

from zlib import crc32


def stream(seed: int, purpose: str) -> tuple[int, int]:
    """Give entropy for ``np.random.default_rng`` that differs for each purpose but follows from the seed."""
    return seed, crc32(purpose.encode())
