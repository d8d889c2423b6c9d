"""Two runs of different parameters at the same time in one project: each must come out as if it had been alone.

python tests/concurrent_runs.py --rounds 10
"""

import argparse
import tempfile
from pathlib import Path

from conftest import TEST_SEED
from sample_project import FAST, SampleProject

SAME_MOMENT = "another run began in the same millisecond"
SETTINGS = (FAST, f"{FAST},seed={TEST_SEED + 2},training.epochs=3,embedding.samples=80")


def alone(folder: Path, pipeline: str, outputs: str = "") -> list[dict[str, str]]:
    """Give the contents of each setting, run by itself."""
    found = []
    for number, params in enumerate(SETTINGS):
        project = SampleProject(folder / f"alone{number}", pipeline, outputs)
        project.run(params=params)
        found.append(project.contents())
    return found


def together(project: SampleProject) -> list[dict[str, str]]:
    """Run all settings at the same time in one project, and give the contents of each."""
    said = SAME_MOMENT
    while SAME_MOMENT in said:  # then one of them was refused
        project.reset()
        runs = [project.start(params=params) for params in SETTINGS]
        codes = [run.wait() for run in runs]
        said = (project.folder / "output").read_text()
    assert codes == [0] * len(runs), said
    project.check_whole()
    stamps = {path.parent.name for path in project.versions()}
    assert len(stamps) == len(SETTINGS)
    return [project.contents(stamp) for stamp in sorted(stamps, key=project.seed)]


def main() -> None:
    """Compare as often as asked, and print the result."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=10)
    arguments.add_argument("--pipeline", default="dann")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        expected = alone(Path(folder), chosen.pipeline)
        assert expected[0] != expected[1]
        project = SampleProject(Path(folder) / "together", chosen.pipeline)
        for number in range(chosen.rounds):
            assert together(project) == expected
            print(
                f"round {number + 1}: both runs gave the bytes of the runs alone ({len(expected[0])} datasets)",
                flush=True,
            )


if __name__ == "__main__":
    main()
