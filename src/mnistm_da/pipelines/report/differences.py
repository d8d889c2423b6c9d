"""How sure the order of the benchmark's results is: the figure of ranks, and every two algorithms on the same seeds."""

import base64
from typing import Any

from mnistm_da.pipelines.benchmark.pairs import verdicts

from .runs import SavedParts


def differences(saved_data: SavedParts) -> dict[str, Any] | None:
    """Give the saved results of `compare` and `draw_ranks`; nothing if no benchmark was compared.

    Returns:
        ``ranks``: the figure for the ``src`` of an image, or nothing; ``pairs``: the rows of `compare`'s table, each
        with its ``verdict``.
    """
    if "benchmark_differences" not in saved_data:
        return None
    rows = saved_data["benchmark_differences"].load().to_dict("records")
    ranks = saved_data["benchmark_ranks"].load() if "benchmark_ranks" in saved_data else None
    return {
        "ranks": f"data:image/png;base64,{base64.b64encode(ranks).decode()}" if ranks else None,
        "pairs": [row | {"verdict": verdict} for row, verdict in zip(rows, verdicts(rows), strict=True)],
    }
