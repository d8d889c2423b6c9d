"""Measure how fast the project is: `make bench`, or `make bench BENCH_ARGS="synthesis startup"`.

Every row compares two things, side by side in one run. Rows go into `results.json` as soon as they are measured, those
that are not measured again stay, and the table in `README.md` is made from them.
"""

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from .measure import Result, circumstances

SUBJECTS = (
    "startup",
    "decoding",
    "pictures",
    "synthesis",
    "memory",
    "training",
    "arithmetic",
    "libraries",
    "steps",
    "growth",
    "cluster",
    "whole_run",
    "real_run",
    "earlier",
    "time_to_accuracy",
)
"""Modules of this folder, each with a ``run``; the last ones take longest."""

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
TABLE = HERE / "README.md"
BEGIN, END = "<!-- results: made by `make bench` -->", "<!-- end of results -->"


def main() -> None:
    """Measure the subjects of the command line, and show each row when it is there."""
    arguments = argparse.ArgumentParser(prog="make bench", description=__doc__)
    arguments.add_argument("subjects", nargs="*", metavar="SUBJECT", help=f"of {', '.join(SUBJECTS)}; without, all")
    arguments.add_argument("--rounds", type=int, default=5, help="how often A and B are timed in turn")
    arguments.add_argument("--quick", action="store_true", help="a smoke test: one round, tiny sizes, nothing is kept")
    chosen = arguments.parse_args()
    wrong = sorted(set(chosen.subjects) - set(SUBJECTS))
    if wrong:
        arguments.error(f"there is no subject '{wrong[0]}'; known: {', '.join(SUBJECTS)}")
    from . import data  # takes seconds; a mistake is to be told at once

    circumstances()
    raw = data.sample() if chosen.quick else data.real()
    for subject in chosen.subjects or SUBJECTS:
        print(f"{subject} …", flush=True)
        for result in import_module(f".{subject}", __package__).run(raw, 1 if chosen.quick else chosen.rounds):
            print(f"  {row(result.record())}", flush=True)
            if not chosen.quick:
                keep(subject, result)


def keep(subject: str, result: Result) -> None:
    """Put a result into the artifact in the place of an older one, and make the table again."""
    rows = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    command = f'make bench BENCH_ARGS="{" ".join(sys.argv[1:])}"' if sys.argv[1:] else "make bench"
    rows[f"{subject}: {result.name} / {result.against}"] = result.record() | {"command": command}
    RESULTS.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
    before, _, rest = TABLE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    TABLE.write_text(before + BEGIN + "\n" + table(list(rows.values())) + END + after)


def table(rows: list[dict[str, Any]]) -> str:
    """Give the rows as a Markdown table, the circumstances once below it where they are the same."""
    lines = ["| what | against what | median (lowest – highest) | aim | |", "|---|---|---|---|---|", *map(row, rows)]
    places = dict.fromkeys(map(_place, rows))
    return "\n".join([*lines, "", *(f"- {place}" for place in places)]) + "\n"


def _place(one: dict[str, Any]) -> str:
    machine = f"{one['processor']}, {one['cores']} cores, {one['threads']} threads"
    libraries = f"Python {one['python']}, torch {one['torch']}"
    return f"{machine}, {libraries}, commit {one['commit']}, {one['date']}: `{one['command']}`"


def row(one: dict[str, Any]) -> str:
    """Give one row of the table."""
    low, high = min(one["values"]), max(one["values"])
    spread = f" ({_number(low)} – {_number(high)}, {len(one['values'])} rounds)" if len(one["values"]) > 1 else ""
    sign = {"at_least": "≥", "at_most": "≤"}[one["side"]]
    aim = "" if one["aim"] is None else f"{sign} {one['aim']:g} {one['unit']}".rstrip()
    verdict = {True: "reached", False: "**missed**", None: ""}[one["is_reached"]]
    middle = f"{_number(one['median'])} {one['unit']}".rstrip()
    return f"| {one['name']} | {one['against']} | {middle}{spread} | {aim} | {verdict} |"


def _number(value: float) -> str:
    return f"{value:.3g}"


if __name__ == "__main__":
    main()
