"""A virtual environment for each library that cannot be installed beside ours, with the torch that we have.

They lie in `build/speed`, 6 GB each, and stay there for the next run; `make clean` removes them.
"""

import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from .measure import ROOT

FOLDER = ROOT / "build/speed"


class NotInstalledError(Exception):
    """A library could not be installed; says which, and what pip said last."""


@dataclass(frozen=True)
class Library:
    """A library to compare with.

    Attributes:
        name: as its authors write it.
        requirement: itself, pinned.
        needs: packages to install beside it, each pinned.
        without_dependencies: whether its own list of requirements is left aside, since it forbids our torch.
    """

    name: str
    requirement: str
    needs: tuple[str, ...]
    without_dependencies: bool = False

    @property
    def title(self) -> str:
        return f"{self.name} {self.requirement.partition('==')[2]}"


SKADA = Library("SKADA", "skada==0.6.0", ("skorch==1.4.0",))
PYKALE = Library(
    "pykale",
    "pykale==0.2.1",
    (
        "pytorch-lightning==2.6.6",
        "tensorly==0.10.0",
        "pooch==1.9.0",
        "pandas==2.2.2",
        "scikit-learn==1.9.1",
        "scikit-image==0.26.0",
        "pydicom==3.0.2",
        "pylibjpeg==2.1.0",
        "glob2==0.7",
    ),
    without_dependencies=True,  # its torch<=2.6.0; the digits' example runs with ours
)


def python(library: Library, folder: Path = FOLDER) -> Path:
    """Give the interpreter of the library's environment, which is made first if it is not there.

    Raises:
        NotInstalledError: pip failed, for example without a network.
    """
    home = folder / library.requirement.replace("==", "-")
    interpreter, stamp = home / "bin/python", home / "installed.txt"
    ours = tuple(f"{name}=={_public(version(name))}" for name in ("torch", "torchvision", "pydantic"))
    wanted = "\n".join([library.requirement, *library.needs, *ours]) + "\n"
    if stamp.exists() and stamp.read_text() == wanted:
        return interpreter
    print(f"    {library.title} is installed in {home} …", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
    if library.without_dependencies:
        _install(library, interpreter, *library.needs, *ours)
        _install(library, interpreter, "--no-deps", library.requirement)
    else:
        _install(library, interpreter, library.requirement, *library.needs, *ours)
    stamp.write_text(wanted)  # last, so that an installation that broke off is begun anew
    return interpreter


def _public(full: str) -> str:
    """Leave out what torch's build adds to its version, such as ``+cu130``."""
    return full.partition("+")[0]


def _install(library: Library, interpreter: Path, *requirements: str) -> None:
    command = [str(interpreter), "-m", "pip", "install", "--quiet", *requirements]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
        raise NotInstalledError(
            f"{library.title} could not be installed, so it is left out: {said[-1] if said else 'pip says nothing'}"
        )
