"""Which code a function reaches: on a package made for it, and against what really runs in this one."""

import importlib
import sys
import textwrap
from pathlib import Path

import pytest

from mnistm_da.lineage import code

MODULES = {
    "__init__": "",
    "nodes": '''
        """Nodes."""
        from . import figures
        from .losses import distance, unused

        SIZE = 3

        def train(data):
            """Train."""
            from .networks import Network as Net
            return Net(SIZE).fit(distance(data))

        def plot(data):
            return figures.bars(data)

        def choose(name):
            from .registry import find
            return find(name)
    ''',
    "losses": """
        SCALE = 2

        def distance(a):
            # a comment
            return SCALE * helper(a)

        def helper(a):
            return abs(a)

        def unused(a):
            return 0
    """,
    "networks": """
        import math
        from .base import Base

        class Network(Base):
            def fit(self, x):
                return math.sqrt(x)
    """,
    "base": """
        class Base:
            def __init__(self, size):
                self.size = size
    """,
    "figures": """
        COLOUR = "red"

        def bars(data):
            return COLOUR

        def lines(data):
            return "blue"
    """,
    "registry": """
        ALL = {"a": "networks:Network"}

        def find(name):
            return ALL[name]
    """,
}


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A package ``toy`` on disk; gives a function that changes a module's text, and one that gives fingerprints."""
    folder = tmp_path / "toy"
    folder.mkdir()
    for name, text in MODULES.items():
        (folder / f"{name}.py").write_text(textwrap.dedent(text))
    monkeypatch.syspath_prepend(str(tmp_path))

    def fresh(function="train", **attributes):
        for cached in (code._folder, code._module, code._hash, code._data, code._beside, code._content, code._mentions):
            cached.cache_clear()
        importlib.invalidate_caches()
        for name in [name for name in sys.modules if name.partition(".")[0] == "toy"]:
            del sys.modules[name]
        found = getattr(importlib.import_module("toy.nodes"), function)
        for name, value in attributes.items():
            setattr(found, name, value)
        return code.fingerprint(found, "toy")

    def change(module, old, new):
        path = folder / f"{module}.py"
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    yield change, fresh
    for name in [name for name in sys.modules if name.partition(".")[0] == "toy"]:
        del sys.modules[name]


def test_a_function_reaches_what_it_names_and_what_that_names(toy):
    _, fresh = toy
    assert set(fresh("train")) == {"nodes.py", "losses.py", "networks.py", "base.py"}
    assert set(fresh("plot")) == {"nodes.py", "figures.py"}


@pytest.mark.parametrize(
    ("module", "old", "new", "changed"),
    [
        ("losses", "abs(a)", "abs(a) + 1", {"losses.py"}),
        ("losses", "SCALE = 2", "SCALE = 5", {"losses.py"}),
        ("base", "size\n", "size + 1\n", {"base.py"}),
        ("nodes", "SIZE = 3", "SIZE = 4", {"nodes.py"}),
        ("nodes", "figures.bars(data)", "figures.lines(data)", set()),
        ("losses", "return 0", "return 1", set()),
        ("losses", "# a comment", "# another", set()),
        ("nodes", '"""Train."""', '"""Train, again."""', set()),
        ("figures", '"red"', '"green"', set()),
    ],
)
def test_only_a_change_of_what_is_reached_counts(toy, module, old, new, changed):
    change, fresh = toy
    before = fresh("train")
    change(module, old, new)
    after = fresh("train")
    assert {path for path in after if after[path] != before[path]} == changed


def test_of_a_module_only_what_is_taken_from_it_counts(toy):
    change, fresh = toy
    before = fresh("plot")
    change("figures", '"blue"', '"black"')
    assert fresh("plot") == before
    change("figures", '"red"', '"green"')
    assert fresh("plot") != before


def test_a_data_file_counts_for_what_names_it_and_those_beside_it_too(toy, tmp_path):
    """A template, say, which may include the others."""
    change, fresh = toy
    style, other = (tmp_path / "toy" / name for name in ("style.css", "other.css"))
    for path in (style, other):
        path.write_text("red")
    assert not {"style.css", "other.css"} & set(fresh("plot"))
    change("figures", '"red"', '"style.css"')
    before = fresh("plot")
    assert {"style.css", "other.css"} < set(before)
    assert not {"style.css", "other.css"} & set(fresh("train"))
    other.write_text("green")
    after = fresh("plot")
    assert {name for name in after if after[name] != before[name]} == {"other.css"}


def test_what_is_chosen_by_name_can_be_said(toy):
    _, fresh = toy
    assert set(fresh("choose")) == {"nodes.py", "registry.py"}
    chosen = fresh("choose", instead={"toy.registry:find": "toy.networks:Network"})
    assert set(chosen) == {"nodes.py", "networks.py", "base.py"}


@pytest.mark.parametrize("algorithm", ["cdd", "dirt_t", "pixelda"])
def test_what_really_runs_in_a_training_is_in_its_fingerprint(algorithm):
    """Independent of the source: the files of this package whose functions a profiler sees at work."""
    from conftest import make_split
    from mnistm_da.domains.format import DIGITS
    from mnistm_da.parameters import NetworkParams, SelectionParams, TrainingParams
    from mnistm_da.pipeline_registry import register_pipelines

    node = next(n for n in register_pipelines()[algorithm].nodes if n.name == f"{algorithm}.train")
    package = Path(sys.modules["mnistm_da"].__file__).parent
    seen: set[str] = set()

    def profile(frame, event, argument):
        # What runs while a module is imported (the bodies of modules and classes) is not the function's.
        path = Path(frame.f_code.co_filename)
        if event == "call" and package in path.parents and frame.f_code.co_flags & 0x2:
            seen.add(path.relative_to(package).as_posix())

    split = make_split(40, channels=1, seed=0)
    target = {"images": make_split(40, channels=3, seed=1)["images"]}
    sys.setprofile(profile)
    try:
        params, training = {}, TrainingParams(epochs=2, batch_size=16)
        list(
            node.func(
                split,
                split,
                target,
                params,
                NetworkParams(),
                training,
                SelectionParams(),
                DIGITS.model_dump(),
                0,
                "cpu",
                False,
                lambda: None,
            )
        )
    finally:
        sys.setprofile(None)
    found = set(code.fingerprint(node.func, "mnistm_da"))
    assert f"adaptation/algorithms/{algorithm}.py" in seen
    # The registry chooses by name; in its place stands what it chose.
    assert seen - found <= {"adaptation/registry.py"}
    others = {f"adaptation/algorithms/{other}.py" for other in ("mmd", "gvb", "rtn", "mcd", "dann")}
    assert not others & found
