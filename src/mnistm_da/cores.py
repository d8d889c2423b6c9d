"""How many threads a computation gets: by the cores of the container, not of its host, shared by a run's workers."""

import os

MAX_THREADS = 16
"""Networks and batches are small: more threads than this would mostly wait for one another (a guess, not measured)."""


def usable() -> int:
    """Give the number of cores that this process may use; affinity and the quota of a container count."""
    from joblib import cpu_count

    return int(cpu_count())


def asked_threads() -> int | None:
    """Give the number of threads that ``OMP_NUM_THREADS`` asks for: its first, if there are several, as OpenMP does."""
    asked = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    return int(asked) if asked.isdigit() and int(asked) > 0 else None


def threads() -> int:
    """Give the number of threads for one computation: those that are asked for, else one a physical core."""
    from joblib import cpu_count

    return asked_threads() or min(int(cpu_count(only_physical_cores=True)), MAX_THREADS)
