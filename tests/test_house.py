"""The tree itself: the tracked files, the lock, the help, the English."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest
import yaml
from packaging.requirements import Requirement

from mnistm_da.datasets.shipped import FOLDER
from mnistm_da.extras import EXTRAS

MODEL = FOLDER / "champion.model.safetensors"
"""The one trained model that comes with the package; `test_shipped.py` knows how large it may be."""

# Each with a one-letter class, so that this file passes its own test.
WORDS_THAT_NEVER_LAND = re.compile(r"pyp[i]\.org|python[h]osted|/hom[e]/\w+|/wor[k]/")


@pytest.fixture(scope="module")
def tracked(root):
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True).stdout
    return [root / name for name in listed.split("\0") if name and (root / name).is_file()]


def test_no_data_and_no_pickle_is_tracked(tracked, root):
    for path in tracked:
        if path.is_relative_to(root / "data"):
            assert path.name == ".gitkeep", path
        if path == MODEL:
            continue
        assert path.suffix not in {".pkl", ".pt", ".pth", ".gz", ".safetensors"}, path
        assert path.stat().st_size < 2**20, path


def test_no_registry_and_no_machine_is_named(tracked, root):
    for path in tracked:
        if path.suffix == ".png":
            continue
        how = "replace" if path == MODEL else "strict"
        found = WORDS_THAT_NEVER_LAND.search(path.read_text(encoding="utf-8", errors=how))
        assert not found, f"{path}: {found}"


def test_the_lock_pins_and_hashes_every_package_and_names_no_address(root):
    text = (root / "requirements.lock").read_text()
    assert "://" not in text
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).strip())
    assert len(entries) > 50
    for entry in entries:
        assert re.match(r"[\w.-]+(\[[\w,]+\])?==", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_the_lock_meets_every_range_of_the_project(root):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]  # among them dev, which names all others
    wanted = [line for line in sum(extras.values(), project["dependencies"]) if not line.startswith("mnistm-da[")]
    locked = dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", (root / "requirements.lock").read_text(), re.MULTILINE))
    for line in wanted:
        requirement = Requirement(line)
        version = locked[re.sub(r"[._-]+", "-", requirement.name).lower()]
        assert requirement.specifier.contains(version), f"{line}: {version}"


def test_the_project_names_every_package_that_it_imports(root):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    wanted = sum((project["optional-dependencies"][extra] for extra in EXTRAS), project["dependencies"])
    named = {re.sub(r"[._]", "-", Requirement(line).name).lower() for line in wanted}
    come_from = packages_distributions()
    imported = {}
    for path in (root / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0]: path for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported[node.module.partition(".")[0]] = path
    of_pytorch_adapt = "torchmetrics"  # imported before it, to silence it
    for module in sorted(imported.keys() - sys.stdlib_module_names - {"mnistm_da", of_pytorch_adapt}):
        packages = {re.sub(r"[._]", "-", package).lower() for package in come_from.get(module, [module])}
        assert packages & named, f"{module}, imported in {imported[module]}"


def test_make_help_lists_every_target(root):
    makefile = (root / "Makefile").read_text()
    [phony] = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    shown = subprocess.run(["make", "help"], cwd=root, capture_output=True, text=True, check=True).stdout
    assert {line.split()[1] for line in shown.splitlines() if line.startswith("  make ")} == set(phony.split())


def test_no_run_phones_home(root):
    assert yaml.safe_load((root / ".telemetry").read_text()) == {"consent": False}


def test_listing_the_pipelines_imports_nothing_that_takes_long(root):
    code = (
        "import sys; from mnistm_da import hooks, settings; "
        "from mnistm_da.pipeline_registry import register_pipelines; register_pipelines(); "
        "sys.exit(' '.join({'torch', 'pandas', 'matplotlib', 'sklearn', 'scipy'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"imported: {done.stderr}"
