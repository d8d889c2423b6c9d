"""How long evaluating, embedding and drawing take beside training, in one run of DANN on the real data."""

from collections.abc import Iterator

from .data import Raw
from .measure import Result
from .whole_run import measure

LOOKING = ("evaluate", "predict", "embed", "plot", "validate", "judge")
"""The beginnings of the names of nodes that evaluate, embed or draw."""


def run(raw: Raw, rounds: int) -> Iterator[Result]:
    """Run it once, whatever ``rounds`` says: both sides are of the same run."""
    if raw.is_quick:
        return
    found = measure("local", "dann")
    nodes = found["nodes"]
    looking = sum(
        spent for name, spent in nodes.items() if name.startswith("dann.") and name.split(".")[-1].startswith(LOOKING)
    )
    yield Result(
        "evaluation, embedding and figures of DANN",
        "its training, real data",
        [100 * looking / nodes["dann.train"]],
        "%",
        15,
        "at_most",
        {"seconds by node": nodes, "whole": found["whole"]},
    )
